#pragma once

#include <functional>
#include <optional>

#include "provisioners/postgres/archive.h"
#include "provisioners/postgres/catalogue.h"
#include "provisioners/postgres/lease.h"
#include "provisioners/postgres/pool.h"
#include "provisioners/postgres/render.h"
#include "provisioners/provisioner.h"

namespace bough::postgres {

/// A PostgreSQL server from version 13 on, spoken to as its admin: a superuser, or a role with
/// CREATEDB and CREATEROLE.
class Server final : public Provisioner {
 public:
  Server(const ServerAccess& access, const Key& key, int connections);

  Result<Contents> observe() override;
  Result<std::string> fingerprint() override;
  Result<void> apply(const Step& step) override;
  Result<void> fill(const FillTemplate& fill, const Endpoint& from, const CopyTools& with) override;
  Result<void> record(const Target& at, const Mark& mark) override;
  Result<void> flush() override;
  Result<void> end_sessions(const Target& at) override;
  Result<DumpContents> dump(const DumpDatabase& dump, const Errand& to) override;
  Result<void> fill(const FillDatabase& fill, const DumpContents& expected,
                    const Errand& from) override;
  Result<void> acquire_lease(std::chrono::milliseconds patience) override;
  void release_lease() override;
  Endpoint endpoint(const Mark& mark) const override;
  Result<Checkup> check_up(const Mark& mark) override;
  Result<Tested> test() override;

 private:
  /// The statements to send, given what is there and the server's version.
  using Decision = std::function<Result<Statements>(const Facts&, int version)>;
  using Work = std::function<Result<void>(Session&, const Facts&)>;

  Result<void> carry_out(const CreateRole& create);
  Result<void> carry_out(const CreateDatabase& create);
  Result<void> carry_out(const CopyDatabase& copy);
  Result<void> carry_out(const GrantAccess& grant);
  Result<void> carry_out(const SetStanding& set);
  Result<void> carry_out(const SetAside& set);
  Result<void> carry_out(const RestrictRole& to);
  Result<void> carry_out(const SetPassword& set);
  Result<void> carry_out(const RenameBack& back);
  Result<void> carry_out(const MakeExtensions& make);
  Result<void> carry_out(const TrustSources& trust);
  Result<void> carry_out(const DumpDatabase& dump);
  Result<void> carry_out(const FillDatabase& fill);
  Result<void> carry_out(const PutInPlace& put);
  Result<void> carry_out(const MoveDatabase& move);
  Result<void> carry_out(const AdoptDatabase& adopt);
  Result<void> carry_out(const DropDatabase& drop);
  Result<void> carry_out(const DropRole& drop);
  Result<void> carry_out(const StartInstance& start);
  Result<void> carry_out(const KeepImage& keep);
  Result<void> carry_out(const PutBack& put);
  Result<void> carry_out(const DropImage& drop);
  Result<void> carry_out(const FillTemplate& fill);
  Result<void> carry_out(const MakeSpare& make);
  Result<void> carry_out(const DropStock& drop);
  Result<void> carry_out(const Build&) { return commands(); }
  Result<void> carry_out(const Migrate&) { return commands(); }
  Result<void> carry_out(const Seed&) { return commands(); }
  Result<void> carry_out(const RunJobs&) { return commands(); }
  static Result<void> commands();

  Result<void> rename_role(Session& session, const RenameBack& back, const Facts& then);
  Result<void> rename_database(Session& session, const RenameBack& back, const Facts& then);
  Result<Facts> facts_about(Session& session, const DatabaseName& name, const std::string& before);
  Login login_to(const Mark& mark) const;

  Result<void> create_role(const CreateRole& create, const Mark& mark);
  Result<void> hand_over(const PutInPlace& put);
  Result<void> empty_elsewhere(const Target& at, Session& session);
  Result<void> open_again(const DumpDatabase& dump);
  Result<void> make_scratch(const Target& at);
  Result<void> drop_scratch(const Target& at);
  Result<void> fill_scratch(const Target& at, const Tools& with, const Errand& from);
  Result<DumpContents> contents_of(const Target& at, const Tools& with);
  Result<Tools> tools(const Errand& errand);
  Result<std::unique_ptr<Session>> session_in(const DatabaseName& database) const;

  Result<void> transact(const Target& at, const Decision& decide);
  Result<void> transact_in(Session& session, const Target& at, const Decision& decide);
  Result<void> fenced(const Target& at, const Work& work);
  Result<void> write_alone(const Target& at, const Decision& decide);
  Result<Facts> look(Session& session, const Target& at, const std::string& before);
  Result<void> check(const Target& at) const;
  std::string verifier(const Target& at, int generation) const;

  const InstanceName instance_;
  const Key key_;
  const Result<Login> login_;
  std::optional<Pool> pool_;
  Lease lease_;
};

}  // namespace bough::postgres
