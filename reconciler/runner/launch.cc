#include "reconciler/runner/launch.h"

#include <charconv>

#include "spec/result.h"

namespace bough::runner {
namespace {

// Each part is its length, a colon and its bytes, so that any bytes can be carried.
void put(std::string& text, std::string_view part) {
  text += std::to_string(part.size());
  text += ':';
  text += part;
}

void put(std::string& text, long long number) {
  put(text, std::to_string(number));
}

void put(std::string& text, const std::vector<std::string>& parts) {
  put(text, static_cast<long long>(parts.size()));
  for (const auto& part : parts) put(text, part);
}

void put(std::string& text, const std::optional<PrivateNetwork>& network) {
  put(text, static_cast<long long>(network.has_value()));
  if (!network) return;
  put(text, static_cast<long long>(network->passages.size()));
  for (const auto& passage : network->passages) {
    put(text, passage.listen);
    put(text, static_cast<long long>(passage.port));
    put(text, passage.servers);
  }
}

void put(std::string& text, const Bounds& bounds) {
  for (const auto number : {bounds.memory, bounds.processes, bounds.files, bounds.disk}) {
    put(text, number);
  }
  put(text, bounds.folder);
}

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Reads parts one after the other; after a wrong one `good` stays false.
struct Reader {
  std::string_view rest;
  bool good = true;

  std::string_view part() {
    const auto colon = rest.find(':');
    const auto size = number_of<std::size_t>(rest.substr(0, colon));
    if (colon == std::string_view::npos || !size || *size > rest.size() - colon - 1) {
      good = false;
      rest = {};
      return {};
    }
    const auto found = rest.substr(colon + 1, *size);
    rest.remove_prefix(colon + 1 + *size);
    return found;
  }

  template <typename Number>
  Number number() {
    const auto found = number_of<Number>(part());
    if (!found) good = false;
    return found.value_or(0);
  }

  std::vector<std::string> parts() {
    std::vector<std::string> found;
    for (auto left = number<std::size_t>(); left > 0 && good; --left) found.emplace_back(part());
    return found;
  }

  Bounds bounds() {
    Bounds found;
    for (auto* number : {&found.memory, &found.processes, &found.files, &found.disk}) {
      *number = this->number<long long>();
    }
    found.folder = part();
    return found;
  }

  std::optional<PrivateNetwork> network() {
    if (number<int>() != 1) return std::nullopt;
    PrivateNetwork found;
    for (auto left = number<std::size_t>(); left > 0 && good; --left) {
      Passage passage;
      passage.listen = part();
      passage.port = number<int>();
      passage.servers = parts();
      found.passages.push_back(std::move(passage));
    }
    return found;
  }
};

}  // namespace

std::string to_text(const Launch& launch) {
  std::string text;
  put(text, launch.arguments);
  put(text, launch.environment);
  put(text, launch.folder);
  put(text, launch.options);
  put(text, launch.hosts);
  put(text, launch.network);
  put(text, launch.bounds);
  put(text, launch.home);
  put(text, static_cast<long long>(launch.parent));
  put(text, static_cast<long long>(launch.user.has_value()));
  if (!launch.user) return text;
  put(text, launch.user->name);
  put(text, static_cast<long long>(launch.user->uid));
  put(text, static_cast<long long>(launch.user->gid));
  return text;
}

std::optional<Launch> launch_of(std::string_view text) {
  Reader reader{text};
  Launch launch;
  launch.arguments = reader.parts();
  launch.environment = reader.parts();
  launch.folder = reader.part();
  launch.options = reader.part();
  launch.hosts = reader.part();
  launch.network = reader.network();
  launch.bounds = reader.bounds();
  launch.home = reader.part();
  launch.parent = reader.number<int>();
  if (reader.number<int>() == 1) {
    RunUser user;
    user.name = reader.part();
    user.uid = reader.number<unsigned>();
    user.gid = reader.number<unsigned>();
    launch.user = user;
  }
  if (!reader.good || launch.arguments.empty()) return std::nullopt;
  return launch;
}

std::string to_text(const Ending& ending) {
  std::string text;
  std::visit(Match{[&](const Exited& it) {
                     put(text, "exited"), put(text, static_cast<long long>(it.code));
                   },
                   [&](const Signalled& it) {
                     put(text, "signal"), put(text, static_cast<long long>(it.signal));
                   },
                   [&](const Killed&) { put(text, "killed"); },
                   [&](const Exceeded& it) { put(text, "exceeded"), put(text, it.limit); },
                   [&](const NotStarted& it) { put(text, "failed"), put(text, it.reason); }},
             ending);
  return text;
}

std::optional<Ending> ending_of(std::string_view text) {
  Reader reader{text};
  const auto kind = reader.part();
  Ending ending = Killed{};
  if (kind == "exited") ending = Exited{reader.number<int>()};
  if (kind == "signal") ending = Signalled{reader.number<int>()};
  if (kind == "exceeded") ending = Exceeded{std::string(reader.part())};
  if (kind == "failed") ending = NotStarted{std::string(reader.part())};
  if (!reader.good) return std::nullopt;
  return ending;
}

}  // namespace bough::runner
