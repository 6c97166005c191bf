#include "reconciler/server/http_server.h"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <map>
#include <thread>
#include <vector>

#include "reconciler/server/answer.h"
#include "reconciler/server/request_parser.h"

namespace bough::server {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::awaitable;
using asio::ip::tcp;
using std::chrono::milliseconds;
using SecureStream = ssl::stream<tcp::socket>;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr milliseconds kFarewell(2000);
constexpr milliseconds kAcceptPause(50);
constexpr std::size_t kSmallRead = 4096, kLargeRead = 65536;
constexpr int kMostLingering = 64;

/// A connection, plain or secure.
class Stream {
 public:
  virtual ~Stream() = default;
  virtual awaitable<bool> handshake() = 0;
  /// How much was read; 0 when there will be no more.
  virtual awaitable<std::size_t> read(std::string& into) = 0;
  virtual awaitable<bool> write(const std::string& bytes) = 0;
  virtual tcp::socket& socket() = 0;
  void close() {
    boost::system::error_code ignored;
    socket().close(ignored);
  }
};

template <typename Socket>
awaitable<std::size_t> read_some(Socket& socket, std::string& into) {
  const auto [error, size] = co_await socket.async_read_some(asio::buffer(into), kAwait);
  co_return error ? 0 : size;
}
template <typename Socket>
awaitable<bool> write_all(Socket& socket, const std::string& bytes) {
  const auto [error, size] = co_await asio::async_write(socket, asio::buffer(bytes), kAwait);
  co_return !error && size == bytes.size();
}

class PlainStream : public Stream {
 public:
  explicit PlainStream(tcp::socket socket) : socket_(std::move(socket)) {}
  awaitable<bool> handshake() override { co_return true; }
  awaitable<std::size_t> read(std::string& into) override { return read_some(socket_, into); }
  awaitable<bool> write(const std::string& bytes) override { return write_all(socket_, bytes); }
  tcp::socket& socket() override { return socket_; }

 private:
  tcp::socket socket_;
};

class TlsStream : public Stream {
 public:
  TlsStream(tcp::socket socket, std::shared_ptr<ssl::context> context)
      : context_(std::move(context)), stream_(std::move(socket), *context_) {}
  awaitable<bool> handshake() override {
    const auto [error] = co_await stream_.async_handshake(SecureStream::server, kAwait);
    co_return !error;
  }
  awaitable<std::size_t> read(std::string& into) override { return read_some(stream_, into); }
  awaitable<bool> write(const std::string& bytes) override { return write_all(stream_, bytes); }
  tcp::socket& socket() override { return stream_.next_layer(); }

 private:
  std::shared_ptr<ssl::context> context_;
  SecureStream stream_;
};

Result<std::shared_ptr<ssl::context>> load(const TlsFiles& files) {
  auto context = server_context(files);
  if (!context) return context.error();
  return std::make_shared<ssl::context>(context->release());
}

/// Throws when the address is taken or is none of this machine.
tcp::acceptor listen(asio::io_context& io, const std::string& address) {
  const std::size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  const auto found = tcp::resolver(io).resolve(host.empty() ? "0.0.0.0" : host,
                                               address.substr(colon + 1), tcp::resolver::passive);
  return tcp::acceptor(io, *found.begin());
}

}  // namespace

struct HttpServer::State {
  struct Session;

  State(const std::string& address, Site& served, const Limits& bounds)
      : acceptor(listen(io, address)), site(served), limits(bounds), farewell(io) {
    port = acceptor.local_endpoint().port();
  }

  asio::io_context io{1};
  tcp::acceptor acceptor;
  Site& site;
  Limits limits;
  std::optional<TlsFiles> files;
  std::shared_ptr<ssl::context> tls;
  asio::steady_timer farewell;
  bool stopping = false;
  int port = 0;
  std::uint64_t turns = 0;
  std::map<std::uint64_t, Session*> reading;  ///< those that wait for their client, oldest first
  std::map<Session*, std::weak_ptr<Session>> sessions;
  std::atomic<std::size_t> count{0};
  std::thread thread;

  awaitable<void> accept();
  awaitable<void> converse(std::shared_ptr<Session> session);
  void admit(tcp::socket socket);
  void stop();
};

/// One connection. Lives on the server's thread.
struct HttpServer::State::Session : std::enable_shared_from_this<Session> {
  Session(State& state, std::unique_ptr<Stream> over)
      : server(state), stream(std::move(over)), deadline(state.io), signal(state.io) {
    signal.expires_at(std::chrono::steady_clock::time_point::max());
  }
  ~Session() {
    listening(false);
    server.sessions.erase(this);
    --server.count;
    if (server.sessions.empty()) server.farewell.cancel();
  }

  State& server;
  std::unique_ptr<Stream> stream;
  asio::steady_timer deadline;
  asio::steady_timer signal;
  std::uint64_t turn = 0;
  bool closed = false;
  std::string buffer;

  void close() {
    closed = true;
    stream->close();
    deadline.cancel();
    signal.cancel();
  }
  /// From now on the client has this long; then it is cut off.
  void within(milliseconds time) {
    deadline.expires_after(time);
    deadline.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      const auto self = weak.lock();
      if (self && !error && self->deadline.expiry() <= std::chrono::steady_clock::now())
        self->close();
    });
  }
  /// Whether the session waits for its client, and may be closed for others' sake.
  void listening(bool now) {
    if (turn != 0) server.reading.erase(turn);
    turn = now ? ++server.turns : 0;
    if (now) server.reading[turn] = this;
  }

  awaitable<bool> read_into(RequestParser& parser, std::size_t size);
  awaitable<bool> read_head(RequestParser& parser, bool first);
  awaitable<bool> read_body(RequestParser& parser, Exchange& exchange);
  awaitable<void> refuse(const Response& response);
  awaitable<bool> answer(const Head& head, Exchange& exchange);
  awaitable<bool> serve_one(bool first);
};

awaitable<bool> HttpServer::State::Session::read_into(RequestParser& parser, std::size_t size) {
  buffer.resize(size);
  const std::size_t got = co_await stream->read(buffer);
  if (got == 0 || closed) co_return false;
  parser.feed(std::string_view(buffer).substr(0, got));
  co_return true;
}

awaitable<bool> HttpServer::State::Session::read_head(RequestParser& parser, bool first) {
  within(first ? server.limits.head : server.limits.idle);
  while (parser.state() == RequestParser::State::head) {
    const bool begun = parser.begun();
    if (!co_await read_into(parser, kSmallRead)) co_return false;
    if (!begun && !first) within(server.limits.head);
  }
  co_return true;
}

awaitable<bool> HttpServer::State::Session::read_body(RequestParser& parser, Exchange& exchange) {
  using State = RequestParser::State;
  within(server.limits.request);
  parser.limit_body(exchange.body_limit());
  if (parser.state() == State::body && parser.waits()) {
    const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    if (!co_await stream->write(go_on)) co_return false;
  }
  for (;;) {
    if (const std::string part = parser.take_body(); !part.empty()) exchange.take(part);
    if (parser.state() != State::body) co_return true;
    if (!co_await read_into(parser, kLargeRead)) co_return false;
  }
}

/// Answers and closes. What the client still sends is read for a moment: a reset would take the
/// answer from it.
awaitable<void> HttpServer::State::Session::refuse(const Response& response) {
  within(kFarewell);
  const std::string bytes = serialized(response, false);
  if (!co_await stream->write(bytes)) co_return;
  boost::system::error_code ignored;
  stream->socket().shutdown(tcp::socket::shutdown_send, ignored);
  buffer.resize(kLargeRead);
  for (int i = 0; i < kMostLingering; ++i) {
    const auto [error, size] =
        co_await stream->socket().async_read_some(asio::buffer(buffer), kAwait);
    if (error || size == 0) co_return;
  }
}

awaitable<bool> HttpServer::State::Session::answer(const Head& head, Exchange& exchange) {
  const auto wake = [weak = weak_from_this(), &io = server.io] {
    asio::post(io, [weak] {
      if (const auto self = weak.lock()) self->signal.cancel();
    });
  };
  const auto reply = std::make_shared<Answer>(head, wake);
  exchange.finish(ticket(reply));
  bool fine = true;
  while (fine && !closed) {
    const std::string bytes = reply->next();
    if (!bytes.empty()) {
      within(server.limits.write);
      fine = co_await stream->write(bytes);
      deadline.cancel();
    } else if (reply->over()) {
      break;
    } else {
      co_await signal.async_wait(kAwait);
    }
  }
  reply->abandon();
  co_return fine && !closed && reply->reusable();
}

/// False when the connection is to be closed.
awaitable<bool> HttpServer::State::Session::serve_one(bool first) {
  RequestParser parser(server.limits.head_bytes);
  listening(true);
  if (!co_await read_head(parser, first)) co_return false;
  if (parser.state() == RequestParser::State::broken) {
    co_await refuse(parser.refused());
    co_return false;
  }
  auto beginning = server.site.begin(parser.head());
  if (const auto* response = std::get_if<Response>(&beginning)) {
    const bool bodiless = parser.state() == RequestParser::State::done;
    if (!bodiless || !parser.head().keep_alive) {
      co_await refuse(*response);
      co_return false;
    }
    within(server.limits.write);
    const std::string bytes = serialized(*response, true);
    co_return co_await stream->write(bytes);
  }
  Exchange& exchange = *std::get<std::unique_ptr<Exchange>>(beginning);
  if (!co_await read_body(parser, exchange)) co_return false;
  if (parser.state() == RequestParser::State::broken) {
    co_await refuse(parser.refused());
    co_return false;
  }
  listening(false);
  deadline.cancel();
  buffer = {};
  co_return co_await answer(parser.head(), exchange);
}

awaitable<void> HttpServer::State::converse(std::shared_ptr<Session> session) {
  session->listening(true);
  session->within(limits.head);
  if (!co_await session->stream->handshake()) co_return session->close();
  for (bool first = true; co_await session->serve_one(first); first = false)
    if (stopping) break;
  session->close();
}

void HttpServer::State::admit(tcp::socket socket) {
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  if (count >= limits.connections && !reading.empty()) reading.begin()->second->close();
  std::unique_ptr<Stream> stream;
  if (tls)
    stream = std::make_unique<TlsStream>(std::move(socket), tls);
  else
    stream = std::make_unique<PlainStream>(std::move(socket));
  auto session = std::make_shared<Session>(*this, std::move(stream));
  sessions[session.get()] = session;
  ++count;
  asio::co_spawn(io, converse(std::move(session)), asio::detached);
}

awaitable<void> HttpServer::State::accept() {
  while (!stopping) {
    auto [error, socket] = co_await acceptor.async_accept(kAwait);
    if (error == asio::error::operation_aborted) co_return;
    if (!error) {
      admit(std::move(socket));
      continue;
    }
    // Most likely there are no more file descriptors: give some time to be closed.
    asio::steady_timer pause(io, kAcceptPause);
    co_await pause.async_wait(kAwait);
  }
}

void HttpServer::State::stop() {
  stopping = true;
  boost::system::error_code ignored;
  acceptor.close(ignored);
  std::vector<Session*> waiting;
  for (const auto& [turn, session] : reading) waiting.push_back(session);
  for (Session* session : waiting) session->close();
  if (sessions.empty()) return;
  farewell.expires_after(kFarewell);
  farewell.async_wait([this](const boost::system::error_code&) {
    for (const auto& [key, weak] : sessions)
      if (const auto session = weak.lock()) session->close();
  });
}

HttpServer::HttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<HttpServer>> HttpServer::open(const Listening& listening, Site& site,
                                                     const Limits& limits) {
  std::shared_ptr<ssl::context> context;
  if (listening.tls) {
    auto loaded = load(*listening.tls);
    if (!loaded) return loaded.error();
    context = *std::move(loaded);
  }
  try {
    auto state = std::make_unique<State>(listening.address, site, limits);
    state->tls = std::move(context);
    state->files = listening.tls;
    asio::co_spawn(state->io, state->accept(), asio::detached);
    state->thread = std::thread([&io = state->io] { io.run(); });
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
  } catch (const std::exception& wrong) {
    return Error{Fault::unavailable,
                 fmt::format("cannot listen on {}: {}", listening.address, wrong.what())};
  }
}

HttpServer::~HttpServer() {
  asio::post(state_->io, [state = state_.get()] { state->stop(); });
  state_->thread.join();
}

int HttpServer::port() const {
  return state_->port;
}

Result<void> HttpServer::reload() {
  if (!state_->files) return {};
  auto loaded = load(*state_->files);
  if (!loaded) return loaded.error();
  post([state = state_.get(), context = *std::move(loaded)] { state->tls = context; });
  return {};
}

void HttpServer::post(std::function<void()> work) {
  asio::post(state_->io, std::move(work));
}

std::size_t HttpServer::connections() const {
  return state_->count;
}

}  // namespace bough::server
