#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <set>

#include "provisioners/postgres/archive.h"
#include "provisioners/postgres/catalogue.h"
#include "provisioners/postgres/lease.h"
#include "provisioners/postgres/pool.h"
#include "provisioners/postgres/render.h"
#include "provisioners/postgres/stock_statements.h"
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

  // What is kept ready: server_stock.cc. A name is being made by one thread at a time.
  class Making;
  Target target_of(const Kept& kept) const;
  Target target_of(const Stock& stock, const DatabaseName& name) const;
  Result<void> begin_template(const FillTemplate& fill);
  Result<void> finish_template(const FillTemplate& fill, Instant read);
  Result<void> drop_older(const FillTemplate& fill);
  Result<void> make_spare(Session& session, const Target& at, const Stock& stock);
  Result<void> own_all(Session& session, const StockMark& spare, const DatabaseName& owner,
                       const DatabaseName& of);
  Result<void> clear(Session& session, const Target& at);
  Result<void> take(Session& session, const CopyDatabase& copy, const Facts& facts);
  Result<std::vector<StockMark>> templates_of(Session& session, const Stock& stock);
  Strategy strategy(Session& session, const DatabaseName& source) const;

  const InstanceName instance_;
  const Key key_;
  const Result<Login> login_;
  const std::string data_folder_;
  std::optional<Pool> pool_;
  Lease lease_;
  std::mutex making_mutex_;
  std::condition_variable made_;
  std::set<std::string> making_;
};

}  // namespace bough::postgres
