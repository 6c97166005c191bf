#include "provisioners/postgres/copying.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "provisioners/postgres/files.h"
#include "provisioners/postgres/masking.h"
#include "provisioners/postgres/quote.h"
#include "provisioners/postgres/sending.h"
#include "provisioners/postgres/transfer.h"

namespace bough::postgres {
namespace {

namespace fs = std::filesystem;

/// A private folder for files in passing, gone when it goes.
class Passage {
 public:
  static Result<Passage> make(const CopyTools& with) {
    std::error_code wrong;
    fs::create_directories(with.folder, wrong);
    std::string path = with.folder + "/copyXXXXXX";
    if (wrong || mkdtemp(path.data()) == nullptr)
      return Error{Fault::broken, fmt::format("making {}: {}", path, std::strerror(errno))};
    Passage passage(path);
    if (with.user && chown(path.c_str(), with.user->uid, with.user->gid) != 0)
      return Error{Fault::broken, fmt::format("giving {} away: {}", path, std::strerror(errno))};
    return passage;
  }
  Passage(Passage&& other) noexcept : path_(std::exchange(other.path_, "")) {}
  Passage& operator=(Passage&&) = delete;
  ~Passage() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  std::string file(std::string_view name) const { return fmt::format("{}/{}", path_, name); }

 private:
  explicit Passage(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

struct Extension {
  std::string name;
  std::string schema;
};

/// What production's catalogue says before it is dumped.
struct Beginning {
  int version = 0;
  std::vector<std::string> schemas;
  std::vector<Extension> extensions;
  MaskingOrder masking;
};

constexpr const char* kSchemas =
    "SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE n.nspname NOT LIKE 'pg\\_%' AND "
    "n.nspname NOT IN ('public', 'information_schema') AND NOT EXISTS (SELECT FROM "
    "pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND "
    "d.objid = n.oid AND d.deptype = 'e') ORDER BY n.oid;";
constexpr const char* kExtensions =
    "SELECT e.extname, n.nspname FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON "
    "n.oid = e.extnamespace WHERE e.extname <> 'plpgsql' ORDER BY e.oid;";

class Copying {
 public:
  Copying(const CopyJob& job, const CopyTools& with, const Key& key, const Passage& passage)
      : job_(job), with_(with), key_(key), passage_(passage) {}

  Result<void> done() {
    if (auto begun = look(); !begun) return begun;
    auto transfer = transfer_for(beginning_.version, with_.binaries, with_.user);
    if (!transfer) return transfer.error();
    transfer->stopping = with_.stopping;
    if (auto dumped = dump(*transfer); !dumped) return dumped;
    if (auto laid = lay_ground(); !laid) return laid;
    const std::string archive = passage_.file("archive");
    if (auto filled = restore(*transfer, archive, job_.copy, Section::rows); !filled) return filled;
    if (auto none = need_no_rows(); !none) return none;
    // Before there are triggers to copy old values elsewhere, and keys that stand in the way.
    if (auto masked = mask(); !masked) return masked;
    return restore(*transfer, archive, job_.copy, Section::over_rows);
  }

 private:
  Copy what() const { return job_.fill.kept.stock.what; }
  Result<std::unique_ptr<Session>> session_of(const Endpoint& endpoint);
  Result<void> look();
  Result<void> look_for_masking(Session& session);
  Result<void> dump(const Transfer& transfer);
  Result<void> need_no_rows();
  Result<void> lay_ground();
  Result<void> make_extension(Session& session, const Extension& extension);
  Result<void> mask();
  std::string salt() const;

  const CopyJob& job_;
  const CopyTools& with_;
  const Key& key_;
  const Passage& passage_;
  Beginning beginning_;
};

Result<std::unique_ptr<Session>> Copying::session_of(const Endpoint& endpoint) {
  std::string authority;
  if (!endpoint.ca_cert.empty()) {
    authority = passage_.file("ca");
    if (auto written = write_file(authority, endpoint.ca_cert, 0644); !written)
      return written.error();
  }
  auto login = login_of(endpoint, authority);
  if (!login) return login.error();
  auto session = Session::open(*login);
  if (!session) return session.error();
  if (auto patient = send(**session, "SET statement_timeout = '29min';"); !patient)
    return patient.error();
  return session;
}

Result<void> Copying::look() {
  auto session = session_of(job_.production);
  if (!session) return within("reading production", session.error());
  beginning_.version = (*session)->version();
  auto schemas = (*session)->run(kSchemas);
  if (!schemas) return schemas.error();
  for (const Row& row : *schemas) beginning_.schemas.push_back(row[0].value_or(""));
  auto extensions = (*session)->run(kExtensions);
  if (!extensions) return extensions.error();
  for (const Row& row : *extensions)
    beginning_.extensions.push_back({row[0].value_or(""), row[1].value_or("")});
  return what() == Copy::masked ? look_for_masking(**session) : Result<void>();
}

Result<void> Copying::look_for_masking(Session& session) {
  auto columns = session.run(columns_query());
  if (!columns) return columns.error();
  auto references = session.run(references_query());
  if (!references) return references.error();
  auto heirs = session.run(heirs_query());
  if (!heirs) return heirs.error();
  auto order = masking_order(job_.fill.masking,
                             read_facts_for_masking(*columns, *references, *heirs), salt());
  if (!order) return order.error();
  beginning_.masking = *std::move(order);
  return {};
}

/// Of the app's component and of nothing that changes, so that a value is hashed to the same text
/// whenever it is copied.
std::string Copying::salt() const {
  const Stock& stock = job_.fill.kept.stock;
  const auto sum = key_.derive(fmt::format("masking\n{}\n{}\n{}", stock.repository.text(),
                                           stock.app.text(), stock.component.text()));
  return hex({reinterpret_cast<const char*>(sum.data()), sum.size()});
}

Result<void> Copying::dump(const Transfer& transfer) {
  // Large objects have no columns that a rule could name.
  const Omissions omitted{beginning_.masking.without_rows, what() == Copy::masked};
  const Parts parts = what() == Copy::schema ? Parts::schema : Parts::all;
  return postgres::dump(transfer, job_.production, parts, omitted, passage_.file("archive"));
}

/// Whatever a name comes to on the way to pg_dump and back: fails rather than lets rows through.
Result<void> Copying::need_no_rows() {
  if (beginning_.masking.without_rows.empty()) return {};
  auto session = session_of(job_.copy);
  if (!session) return session.error();
  auto filled = (*session)->run(filled_query(beginning_.masking.without_rows));
  if (!filled) return filled.error();
  if (filled->empty()) return {};
  return Error{Fault::broken, fmt::format("rows of {} would leave production",
                                          printable(filled->front()[0].value_or("")))};
}

/// What belongs to the role where it may make it, so that it can be handed over.
Result<void> Copying::lay_ground() {
  auto session = session_of(job_.copy);
  if (!session) return session.error();
  for (const std::string& schema : beginning_.schemas)
    if (auto made = send(**session, fmt::format("CREATE SCHEMA {};", identifier(schema))); !made)
      return made;
  for (const Extension& extension : beginning_.extensions)
    if (auto made = make_extension(**session, extension); !made) return made;
  return {};
}

Result<void> Copying::make_extension(Session& session, const Extension& extension) {
  const std::string create = fmt::format("CREATE EXTENSION IF NOT EXISTS {} SCHEMA {} CASCADE;",
                                         identifier(extension.name), identifier(extension.schema));
  const auto made = send(session, create);
  if (made) return {};
  auto admin = Session::open(job_.admin);
  if (!admin) return admin.error();
  if (send(**admin, create)) return {};
  return Error{
      made.error().fault,
      fmt::format("production has extension {}, which bough's login may not make: {}; link "
                  "the server with a superuser, or say copy: none",
                  printable(extension.name), made.error().message)};
}

/// The old values lie in the files until a table is written anew, and in its statistics.
Result<void> Copying::mask() {
  const MaskingOrder& order = beginning_.masking;
  if (order.updates.empty()) return {};
  auto session = session_of(job_.copy);
  if (!session) return session.error();
  if (auto masked = send_together(**session, order.updates); !masked)
    return within("masking", masked.error());
  for (const std::string& table : order.tables)
    if (auto written = send(**session, fmt::format("VACUUM (FULL, ANALYZE) {};", table), kLongWork);
        !written)
      return within("masking", written.error());
  return {};
}

}  // namespace

Result<void> copy_production(const CopyJob& job, const CopyTools& with, const Key& key) {
  auto passage = Passage::make(with);
  if (!passage) return passage.error();
  auto done = Copying(job, with, key, *passage).done();
  return done ? done : within("copying " + job.production.database, done.error());
}

}  // namespace bough::postgres
