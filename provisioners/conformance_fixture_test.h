#pragma once

#include <gtest/gtest.h>

#include "provisioners/conformance_test.h"

/// What the conformance suite's tests share.
namespace bough {

inline void PrintTo(const SeenDatabase& seen, std::ostream* out) {
  *out << "owner " << seen.owner << (seen.open ? ", open" : ", closed")
       << (seen.broken ? ", broken" : "") << (seen.public_access ? ", public" : "") << ", "
       << (seen.mark ? word_of(seen.mark->standing) : "unmarked");
}
inline void PrintTo(const SeenRole& seen, std::ostream* out) {
  *out << (seen.can_login ? "can log in, " : "cannot log in, ")
       << (seen.mark ? word_of(seen.mark->standing) : "unmarked");
}
inline void PrintTo(const Result<void>& result, std::ostream* out) {
  *out << (result ? "success" : result.error().message);
}

/// Every test has an app of its own, so that tests do not see each other's databases.
class Conformance : public testing::Test {
 protected:
  Conformance() : server_(conformance_subject().connect()) {
    auto lease = server_->acquire_lease(std::chrono::seconds(10));
    EXPECT_TRUE(lease) << lease.error().message;
  }
  ~Conformance() override { server_->release_lease(); }

  Target at(const std::string& branch) const {
    static int last = 0;
    if (app_.empty()) app_ = "app-" + std::to_string(++last);
    const Place place{
        {*RepositoryName::parse("shop"), *AppName::parse(app_), Branch{*BranchName::parse(branch)}},
        *ComponentName::parse("db")};
    return {conformance_subject().instance(), place, physical_name(place, Rank::first)};
  }

  static Mark mark(const Target& at, Standing standing = Active{}) {
    return {at.place, at.name, 1, std::move(standing), std::nullopt};
  }

  Result<void> apply(Action action) { return server_->apply({std::move(action), "test", false}); }

  void must(Action action) {
    const auto done = apply(std::move(action));
    EXPECT_TRUE(done) << done.error().message;
  }

  void create(const Target& at) {
    must(CreateRole{at, {}});
    must(CreateDatabase{at});
    must(GrantAccess{at, mark(at)});
  }

  Contents seen() {
    auto contents = server_->observe();
    EXPECT_TRUE(contents) << contents.error().message;
    return contents ? *contents : Contents{};
  }
  std::optional<SeenDatabase> database(const Target& at) {
    const Contents contents = seen();
    const auto found = contents.databases.find(at.name.text());
    if (found == contents.databases.end()) return std::nullopt;
    return found->second;
  }
  std::optional<SeenRole> role(const Target& at) {
    const Contents contents = seen();
    const auto found = contents.roles.find(at.name.text());
    if (found == contents.roles.end()) return std::nullopt;
    return found->second;
  }

  Result<void> log_in(const Target& at) {
    return conformance_subject().log_in(server_->endpoint(mark(at)));
  }

  std::unique_ptr<Provisioner> server_;

 private:
  mutable std::string app_;
};

inline SeenDatabase open(const Target& at, const Mark& mark) {
  return {at.name.text(), true, false, false, mark};
}

}  // namespace bough
