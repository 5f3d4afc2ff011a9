/*
 * loggia.h: the boundary between the Loggia host and a module, version 1.2.
 *
 * C11, and C++11 as well. The Rust crate `loggia-abi` says the same; a test compares sizes, offsets and
 * constants of both. `docs/abi.md` explains the descriptor, `example/hello.c` is a complete module.
 *
 * Rules that hold everywhere:
 *
 *  - Owner. Whoever allocates frees. No memory changes hands: what one side wants to keep, it copies.
 *  - Lifetime. What the host hands to a call lives until that call returns. What a module hands to a
 *    function of the host is copied before that function returns.
 *  - Thread. Every function here may be called from any thread, unless its comment says otherwise. A
 *    connection, a reply and a request belong to the one call they were made for.
 *  - Strings are UTF-8 with a length and without a terminating NUL, unless a comment says otherwise.
 *  - Growth. A structure begins with its size and only grows at its end. Ask LG_HAS before you read a
 *    member that is newer than minor 0. A service table is frozen under its id and version: a new need is a
 *    new table or a new version. The major is part of the entry symbol's name.
 *  - No exception, no longjmp and no unwinding may cross a function of this header.
 */
#ifndef LOGGIA_H
#define LOGGIA_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this header. */
#define LG_MAJOR 1
#define LG_MINOR 2

/* Put before the definition of loggia_module_v1, so that it is exported under -fvisibility=hidden too. */
#if defined(__GNUC__)
#define LG_EXPORT __attribute__((visibility("default")))
#else
#define LG_EXPORT
#endif

/* Whether the structure behind a pointer is new enough to have a member. */
#define LG_HAS(pointer, type, member) \
  ((pointer)->size >= offsetof(type, member) + sizeof((pointer)->member))

/* ---- Results ------------------------------------------------------------------------------------- */

/* What every fallible function answers. */
enum {
  LG_OK = 0,
  LG_E_ARGUMENT = -1,    /* an argument is malformed: not UTF-8, a null pointer, a wrong type */
  LG_E_ABI = -2,         /* the two sides do not speak the same version */
  LG_E_UNSUPPORTED = -3, /* the other side does not offer this */
  LG_E_BUSY = -4,        /* every place is taken at present; a later try may succeed */
  LG_E_DEADLINE = -5,    /* the deadline of the call has passed */
  LG_E_DATABASE = -6,    /* the database refused the statement; see lg_host_database.error */
  LG_E_UNIQUE = -7,      /* a unique constraint was violated, or a key is taken */
  LG_E_LIMIT = -8,       /* a limit of size or number was reached */
  LG_E_IO = -9,          /* reading or writing outside the process failed */
  LG_E_NOT_FOUND = -10,  /* there is no such thing */
  LG_E_REFUSED = -11,    /* wrong credentials, no right, taken already */
  LG_E_PANIC = -99       /* the function panicked, and the panic was contained */
};

/* ---- Strings and values -------------------------------------------------------------------------- */

/* A borrowed run of bytes. `ptr` may be null only where `len` is 0. */
typedef struct lg_str {
  const uint8_t *ptr;
  size_t len;
} lg_str;

/* The types of lg_value and of the cells of packed rows. In brackets the member that holds the value. */
enum {
  LG_NULL = 0,       /* no value; `of` names the type that is absent */
  LG_BOOL = 1,       /* 0 or 1 [integer] */
  LG_I16 = 2,        /* [integer] */
  LG_I32 = 3,        /* [integer] */
  LG_I64 = 4,        /* [integer] */
  LG_F64 = 5,        /* [floating] */
  LG_TEXT = 6,       /* UTF-8 [text] */
  LG_BYTES = 7,      /* any bytes [text] */
  LG_DATE = 8,       /* days since 1970-01-01 [integer] */
  LG_TIME = 9,       /* microseconds since midnight [integer] */
  LG_TIMESTAMP = 10, /* microseconds since 1970-01-01T00:00:00Z [integer] */
  LG_JSON = 11,      /* a JSON text [text] */
  LG_UUID = 12       /* 16 bytes [text] */
};

/* A typed value: a parameter of a request, or a bind of a statement. */
typedef struct lg_value {
  uint32_t kind; /* LG_NULL ... LG_UUID */
  uint32_t of;   /* where kind is LG_NULL: the kind that is absent */
  union {
    int64_t integer;
    double floating;
    lg_str text;
  } data;
} lg_value;

/* A name and its value. */
typedef struct lg_pair {
  lg_str name; /* in lower case where it is a header's */
  lg_str value;
} lg_pair;

/* ---- A request and its reply --------------------------------------------------------------------- */

/* The request in flight, as the host knows it. Opaque; passed back to services. Lives until `handle` returns. */
typedef struct lg_call lg_call;

/* The bits of lg_request.flags. */
enum {
  LG_REQUEST_OPERATOR = 1, /* the call comes from the operator's command line, which may do everything */
  LG_REQUEST_PRIVATE = 2,  /* the endpoint is marked private or asks for a key */
  LG_REQUEST_HEAD = 4,     /* only headers are wanted; the host cuts a body off */
  LG_REQUEST_SCOPED = 8,   /* the call's key carries the scope that the operation asks for; since 1.1 */
  LG_REQUEST_ROUTE_SCOPE = 65536 /* it carries the first scope that the route names; the seven bits above stand
                                    for the next ones; since 1.2 */
};

/* One call of an operation or a route. The host's memory; everything in it lives until `handle` returns. */
typedef struct lg_request {
  uint32_t size;
  uint32_t operation;            /* the place in the descriptor: operations first, then routes */
  lg_call *call;
  const lg_value *parameters;    /* one for each declared parameter, in that order, checked by the host */
  size_t parameters_len;
  lg_str query;                  /* raw, without the question mark */
  lg_str body;                   /* raw; for a route always, for an operation only where it asks for it */
  lg_str body_type;              /* the body's content type */
  lg_str method;                 /* in upper case */
  lg_str path;                   /* below the endpoint, with a leading slash */
  const lg_str *path_parameters; /* of a route's template, in that order, decoded */
  size_t path_parameters_len;
  const lg_pair *headers;        /* of a route, a write, or where the answer is a file; no credentials */
  size_t headers_len;
  lg_str request_id;             /* as in the access log and in X-Request-Id */
  lg_str endpoint;               /* the endpoint's name */
  lg_str base_url;               /* its absolute URL without a trailing slash; empty where none is known */
  lg_str client_address;         /* for throttling, never for a log; empty on the command line */
  int64_t user;                  /* the caller's account; 0 is nobody */
  int64_t key;                   /* the record of the API key; 0 is none */
  const int64_t *groups;         /* the caller's user groups */
  size_t groups_len;
  const int64_t *view_levels;    /* the view levels the caller may see */
  size_t view_levels_len;
  uint32_t flags;                /* LG_REQUEST_... */
  uint32_t reserved;             /* 0 */
  uint64_t deadline_us;          /* when the caller gives up, on the host's monotonic clock; 0 is never */
  /* Since minor 1: the fields of personal data, such as "email", that answers of the endpoint may show of other
   * people. They are none on the operator's command line, which may show everything. */
  const lg_str *personal_data;
  size_t personal_data_len;
} lg_request;

/* lg_stream.kind */
enum {
  LG_STREAM_WEBSOCKET = 1, /* a text frame a message */
  LG_STREAM_EVENTS = 2     /* server-sent events: an event a message, whose `id` is the message's */
};

/* The bits of lg_stream.flags. */
enum {
  LG_STREAM_REPLAY = 1,   /* first comes what was published after `since`, as far as it is kept */
  LG_STREAM_ENVELOPE = 2, /* a message is {"id","content","sent"}, with "gap":true where some before it are lost */
  LG_STREAM_POSITION = 4, /* first of all comes {"id"} of the last message before; with LG_STREAM_ENVELOPE only */
  LG_STREAM_TYPED = 8     /* server-sent events are of the type `data` in place of `message`, as LoopBack's are */
};

/*
 * A stream that a route answers with: the host keeps the connection, pings, and sends what modules publish on the
 * channel by "loggia.channels". Since minor 2.
 */
typedef struct lg_stream {
  uint32_t size;
  uint32_t kind;   /* LG_STREAM_WEBSOCKET or LG_STREAM_EVENTS */
  lg_str channel;  /* one of the module's own */
  lg_str member;   /* who listens, for presence */
  lg_str protocol; /* the sub-protocol that the client offered and that is answered; empty for none */
  int64_t since;   /* with LG_STREAM_REPLAY: the id of the last message that the client has seen */
  uint32_t flags;  /* LG_STREAM_... */
  uint32_t reserved; /* 0 */
} lg_stream;

/*
 * Where one call's answer goes: the host's memory, of limited size. Use it on the thread `handle` runs on.
 *
 * An operation writes the members of its answer as one JSON object, and the host adds the envelope; or it sets
 * a content type and writes that body; or it sends a file; or it fails. A route chooses status, headers and
 * body by itself.
 */
typedef struct lg_reply {
  uint32_t size;
  uint32_t status; /* the HTTP status, written by the module; 0 leaves it to the host */
  void *context;   /* the host's; the first argument of each function below */
  /* Appends to the body. LG_E_LIMIT once the answer is too large. */
  int32_t (*write)(void *context, const uint8_t *bytes, size_t len);
  /* Sets a header. `content-type` makes an operation's answer plain bytes. */
  int32_t (*header)(void *context, lg_str name, lg_str value);
  /* Answers with a file of the module's own store under a file name, with ranges and validators. Its type is
   * that of the header `content-type`, else application/octet-stream. */
  int32_t (*send_file)(void *context, lg_str key, lg_str file_name);
  /* Answers with a fault of the descriptor, or with one of the host's REQ_ codes. A detail is appended to the
   * fault's text, and shown to the caller. */
  int32_t (*fail)(void *context, lg_str code, lg_str detail);
  /* Since minor 2: answers a route's request with a stream. LG_E_ARGUMENT for one that no host can open. */
  int32_t (*stream)(void *context, const lg_stream *stream);
} lg_reply;

/* ---- The host and its services ------------------------------------------------------------------- */

/* The host, as one instance of a module sees it. Lives until `stop` has returned. */
typedef struct lg_host {
  uint32_t size;
  uint32_t minor; /* the host's */
  void *context;
  /* The table of a service that the descriptor declares, in at least this version, or null. The id ends in
   * NUL. The table lives as long as the instance. */
  const void *(*service)(void *context, const char *id, uint32_t version);
} lg_host;

/* Where a service puts an answer of unknown length: functions and memory of the module. `write` is called on
 * the calling thread, any number of times in order, before the service's function returns. */
typedef struct lg_sink {
  void *context;
  void (*write)(void *context, const uint8_t *bytes, size_t len);
} lg_sink;

/* A database connection in a module's hands. Opaque; not to be used by two threads at once. */
typedef struct lg_connection lg_connection;

/* lg_host_database.dialect */
enum { LG_DIALECT_SQLITE = 0, LG_DIALECT_POSTGRESQL = 1 };

/*
 * "loggia.database" 1: SQL over the host's pools. A module never links a database library of its own.
 * Write a statement once for both databases: identifiers in double quotes, placeholders $1, $2, ...
 */
typedef struct lg_host_database {
  uint32_t size;
  uint32_t version;
  uint32_t dialect; /* for the rare statement that cannot be common */
  uint32_t reserved;
  void *context;
  /* Takes a connection, for writing where `write` is not 0. A second one in the same call is the same
   * connection. LG_E_DEADLINE where none is free in time. `call` may be null. */
  int32_t (*acquire)(void *context, lg_call *call, uint32_t write, lg_connection **connection);
  /* Gives it back. A transaction that is still open is rolled back. */
  void (*release)(lg_connection *connection);
  /* Runs several statements without binds. */
  int32_t (*batch)(lg_connection *connection, lg_str sql);
  /* Begins a transaction, or a savepoint inside one. */
  int32_t (*begin)(lg_connection *connection);
  /* Commits, or rolls back, the innermost of them. */
  int32_t (*commit)(lg_connection *connection);
  int32_t (*rollback)(lg_connection *connection);
  /* Runs one statement and counts the rows it changed. */
  int32_t (*execute)(lg_connection *connection, lg_str sql, const lg_value *binds, size_t binds_len,
                     uint64_t *affected);
  /* Runs one statement and gives its rows, packed (see lg_rows below). The host's memory, valid until the next
   * use of this connection. */
  int32_t (*query)(lg_connection *connection, lg_str sql, const lg_value *binds, size_t binds_len,
                   lg_str *rows);
  /* The text of the last failure, valid until the next use of this connection. */
  lg_str (*error)(lg_connection *connection);
} lg_host_database;

/* The levels of lg_host_log. */
enum {
  LG_LEVEL_ERROR = 1, /* something failed that somebody must look at */
  LG_LEVEL_WARN = 2,  /* something is not as it should be */
  LG_LEVEL_INFO = 3,  /* what an operator wants to know in ordinary operation */
  LG_LEVEL_DEBUG = 4, /* what a developer wants to know */
  LG_LEVEL_TRACE = 5  /* everything */
};

/* "loggia.log" 1. The host adds the module's name and the request's id to each line. */
typedef struct lg_host_log {
  uint32_t size;
  uint32_t version;
  void *context;
  /* Not 0 where lines of this level are kept. */
  uint32_t (*enabled)(void *context, uint32_t level);
  /* Writes one line. `call` may be null. Never write a secret, a token or an address. */
  void (*write)(void *context, lg_call *call, uint32_t level, lg_str message);
} lg_host_log;

/* "loggia.settings" 1. */
typedef struct lg_host_settings {
  uint32_t size;
  uint32_t version;
  /* The module's settings as one JSON object: the operator's, completed by the descriptor's defaults and
   * checked against its schema. Lives as long as the instance. */
  lg_str json;
} lg_host_settings;

/* "loggia.clock" 1. */
typedef struct lg_host_clock {
  uint32_t size;
  uint32_t version;
  void *context;
  int64_t (*now_us)(void *context);        /* microseconds since 1970-01-01T00:00:00Z */
  uint64_t (*monotonic_us)(void *context); /* on a clock that never goes back; deadlines are on it */
} lg_host_clock;

/* "loggia.mail" 1: queued mail. */
typedef struct lg_host_mail {
  uint32_t size;
  uint32_t version;
  void *context;
  /* Puts a message into the outbox, in the transaction of `connection` where it is not null. The message is a
   * JSON object with `to`, `subject` and `text`. */
  int32_t (*queue)(void *context, lg_call *call, lg_connection *connection, lg_str message);
} lg_host_mail;

/*
 * "loggia.files" 1: the module's own part of the file store. A key is a relative path of letters, digits,
 * `.`, `_`, `-` and `/`. A file is only added and removed, never changed: a reader sees all of it or none.
 * LG_E_BUSY where the store does not answer at present.
 */
typedef struct lg_host_files {
  uint32_t size;
  uint32_t version;
  void *context;
  /* Moves an upload (the value of a parameter of the type `file`) into the store. LG_E_UNIQUE where the key
   * is taken. */
  int32_t (*adopt)(void *context, lg_str upload, lg_str key);
  /* Stores bytes. LG_E_UNIQUE where the key is taken. */
  int32_t (*put)(void *context, lg_str key, lg_str bytes);
  /* Writes a path at which the file, or the upload, can be read during this call. */
  int32_t (*open)(void *context, lg_str key, lg_sink *path);
  /* The size in bytes, or LG_E_NOT_FOUND. */
  int32_t (*size_of)(void *context, lg_str key, uint64_t *bytes);
  /* Removes a file; one that is gone is no failure. */
  int32_t (*remove)(void *context, lg_str key);
} lg_host_files;

/* The argument `by` of lg_host_identity.find; names and addresses are compared without regard to case. */
enum { LG_BY_ID = 1, LG_BY_USERNAME = 2, LG_BY_EMAIL = 3 };

/*
 * "loggia.identity" 1: accounts, groups and sessions, which the host owns.
 *
 * An account is written as a JSON object with `id`, `username`, `name`, `email`, `blocked`, `groups`,
 * `view_levels`, `language` and `created_ms`. A refusal is LG_E_REFUSED, and {"code":"USR_..."} is written.
 */
typedef struct lg_host_identity {
  uint32_t size;
  uint32_t version;
  void *context;
  /* Finds an account, or LG_E_NOT_FOUND. */
  int32_t (*find)(void *context, lg_call *call, uint32_t by, lg_str value, lg_sink *account);
  /* Checks a user name and password, throttled by account and by address. */
  int32_t (*authenticate)(void *context, lg_call *call, lg_str username, lg_str password,
                          lg_sink *account);
  /* Opens a session, writes its id, and has the host set the cookie on this call's answer. */
  int32_t (*open_session)(void *context, lg_call *call, int64_t user, lg_sink *session);
  /* Ends the call's session; LG_E_NOT_FOUND for a guest. */
  int32_t (*close_session)(void *context, lg_call *call);
  /* Registers an account from JSON with `username`, `password`, `email`, `name`. */
  int32_t (*register_account)(void *context, lg_call *call, lg_str json, lg_sink *answer);
  /* Mails the user name to an address, if an account has it; never says whether one has. */
  int32_t (*remind)(void *context, lg_call *call, lg_str email, lg_sink *answer);
  /* Mails a link with a single-use token that sets a new password; never says whether it did. */
  int32_t (*reset)(void *context, lg_call *call, lg_str email, lg_sink *answer);
  /* Sets a new password by such a token. */
  int32_t (*confirm_reset)(void *context, lg_call *call, lg_str token, lg_str password, lg_sink *answer);
  /* Enables an account by the token of its activation mail. */
  int32_t (*activate)(void *context, lg_call *call, lg_str token, lg_sink *answer);
  /* Writes the account's custom fields as a JSON array. */
  int32_t (*fields)(void *context, lg_call *call, int64_t user, lg_sink *fields);
  /* Sets a new password for an owner who knows the old one, and ends all his sessions. */
  int32_t (*change_password)(void *context, lg_call *call, int64_t user, lg_str old_password,
                             lg_str new_password, lg_sink *answer);
  /* Changes an account for its owner from JSON with any of `name`, `email` (then also `password`, the present
   * one), `language`, `fields` (custom fields by name, null removes a value); writes the account. */
  int32_t (*change_profile)(void *context, lg_call *call, int64_t user, lg_str json, lg_sink *account);
} lg_host_identity;

/*
 * "loggia.accounts" 1: the accounts of the site as whoever keeps them sees them. No function asks for a password
 * or looks at a permission: the module answers for its caller's right to them. Refusals are written as those of
 * lg_host_identity; what is written is written in the call's own transaction, where it has begun one.
 */
typedef struct lg_host_accounts {
  uint32_t size;
  uint32_t version;
  void *context;
  /* Writes a page of the accounts by id: JSON with `total` and `accounts`. The query is JSON with any of `limit`
   * (absent is all), `offset`, `blocked` (whether blocked ones are among them). */
  int32_t (*list)(void *context, lg_call *call, lg_str query, lg_sink *page);
  /* Checks a new password by the site's rules and writes its hash for `change`. It takes long on purpose: before a
   * transaction begins. */
  int32_t (*hash)(void *context, lg_call *call, lg_str password, lg_sink *hash);
  /* Changes an account from JSON with any of `username`, `name`, `email`, `language`, `password_hash` (which ends
   * all sessions); writes the account. LG_E_NOT_FOUND where there is none. */
  int32_t (*change)(void *context, lg_call *call, int64_t user, lg_str change, lg_sink *account);
} lg_host_accounts;

/*
 * "loggia.search" 1: one search over what all modules offer. docs/abi.md says what the JSON texts hold.
 */
typedef struct lg_host_search {
  uint32_t size;
  uint32_t version;
  void *context;
  /* Hands in and withdraws documents and categories, in the transaction of `connection`, which must be one for
   * writing: a JSON array of changes. They are found from the moment of the commit, on every node. */
  int32_t (*change)(void *context, lg_connection *connection, lg_str changes);
  /* Searches: a question as a JSON object; the answer, another one, is written. LG_E_BUSY where the index is
   * still being built. */
  int32_t (*find)(void *context, lg_call *call, lg_str question, lg_sink *answer);
} lg_host_search;

/*
 * "loggia.channels" 1: publishing to the streams that routes answer with. A channel is a text of at most 200 bytes;
 * each module has its own. docs/abi.md says what the JSON texts hold.
 */
typedef struct lg_host_channels {
  uint32_t size;
  uint32_t version;
  void *context;
  /* Publishes a message, one JSON text, in the transaction of `connection`, which must be one for writing: it is sent
   * if and only if that is committed. `to` is a JSON object with `channels`; `id` is set to the message's id, which
   * rises with each message. Publish late in the transaction, because others wait until it ends. LG_E_LIMIT where the
   * message is larger than the host allows. */
  int32_t (*publish)(void *context, lg_call *call, lg_connection *connection, lg_str to, lg_str message,
                     int64_t *id);
  /* Ends the streams of all channels that begin so, on every node, once the transaction is committed, and forgets what
   * was published on them. */
  int32_t (*end)(void *context, lg_call *call, lg_connection *connection, lg_str prefix);
  /* Writes who listens at present, on any node. */
  int32_t (*present)(void *context, lg_call *call, lg_str question, lg_sink *answer);
  /* Writes what was published on a channel after a message, as far as it is kept. */
  int32_t (*history)(void *context, lg_call *call, lg_str question, lg_sink *answer);
} lg_host_channels;

/* "loggia.push" 1: the engine that sends notifications. docs/abi.md says what the JSON texts hold. */
typedef struct lg_host_push {
  uint32_t size;
  uint32_t version;
  void *context;
  /* Has the engine look for what is to be sent, when the call has ended. */
  int32_t (*wake)(void *context, lg_call *call);
  /* Sends what is due to so many devices, or with 0 to as many as the settings say, waits for the answers, and writes
   * what came of it. The caller holds no connection for writing meanwhile. */
  int32_t (*run)(void *context, lg_call *call, int64_t batch_size, lg_sink *answer);
  /* Checks an application's credentials, or takes them away where the text is empty; seals them, and keeps them in the
   * transaction of `connection`, which must be one for writing. Writes for which platforms there are some now.
   * LG_E_REFUSED where they are none, with the fault written; LG_E_NOT_FOUND where the application is not there. */
  int32_t (*set_credentials)(void *context, lg_connection *connection, int64_t application, lg_str credentials,
                             lg_sink *answer);
} lg_host_push;

/* "loggia.keys" 1: charging a call to a key that the client has not sent. */
typedef struct lg_host_keys {
  uint32_t size;
  uint32_t version;
  void *context;
  /* Charges the call to the key with this number, exactly as if the client had sent it: its rights and its quota are
   * looked at, the access log names it, the charge is durable before the answer leaves. A call is charged once, and not
   * where the client has sent a key, or the operator calls. LG_E_REFUSED where the key is not good or used up, with the
   * host's code written; the module does nothing further then, and whatever it answers, the client is told that code. */
  int32_t (*count)(void *context, lg_call *call, int64_t key, lg_sink *refusal);
} lg_host_keys;

/* ---- The module ---------------------------------------------------------------------------------- */

/* lg_module.flags: the library may be unmapped after `stop`; it keeps no thread and no thread-local alive. */
enum { LG_MODULE_UNLOADABLE = 1 };

/* A module. The module's memory, constant while the library is open. */
typedef struct lg_module {
  uint32_t size;           /* sizeof(lg_module) */
  uint32_t major;          /* LG_MAJOR */
  uint32_t minor;          /* LG_MINOR */
  uint32_t min_host_minor; /* the oldest host minor the module can live with */
  uint32_t flags;          /* LG_MODULE_UNLOADABLE or 0 */
  uint32_t reserved;       /* 0 */
  lg_str name;             /* on the wire */
  lg_str version;          /* the module's own */
  lg_str descriptor;       /* JSON; see docs/abi.md */
  /* Makes an instance; `state` is the module's own and comes back in the functions below. Several instances of
   * one library may live at once. Called once an instance, before anything else. */
  int32_t (*start)(const lg_host *host, void **state);
  /* Answers one call. Called from many threads at once. */
  int32_t (*handle)(void *state, const lg_request *request, lg_reply *reply);
  /* Hears of an event it subscribed to; may be null. */
  int32_t (*event)(void *state, lg_call *call, lg_str topic, lg_str json);
  /* Told once that no new calls will come, while the last ones still run; may be null. */
  void (*drain)(void *state);
  /* Ends the instance; nothing of it is called afterwards. Called after the last `handle` has returned. */
  void (*stop)(void *state);
} lg_module;

/* The one exported symbol. It is given the host's minor and answers null where that is too old. */
LG_EXPORT const lg_module *loggia_module_v1(uint32_t host_minor);

/* ---- Helpers, compiled into the module ----------------------------------------------------------- */

/* Borrows a text of known length. */
static inline lg_str lg_str_of(const char *text, size_t len) {
  lg_str str;
  str.ptr = (const uint8_t *)text;
  str.len = len;
  return str;
}

/* Borrows a string literal. */
#define LG_STR(literal) lg_str_of((literal), sizeof(literal) - 1)

/* Values for binds. */
static inline lg_value lg_value_integer(int64_t integer) {
  lg_value value;
  value.kind = LG_I64;
  value.of = 0;
  value.data.text = lg_str_of(NULL, 0);
  value.data.integer = integer;
  return value;
}

static inline lg_value lg_value_text(lg_str text) {
  lg_value value;
  value.kind = LG_TEXT;
  value.of = 0;
  value.data.text = text;
  return value;
}

static inline lg_value lg_value_null(uint32_t of) {
  lg_value value = lg_value_integer(0);
  value.kind = LG_NULL;
  value.of = of;
  return value;
}

/*
 * Packed rows, little-endian:
 *
 *   u32 columns, u32 rows
 *   per column: u16 length, name
 *   per row and column: u8 kind, then
 *     null: nothing;  bool: u8;  i16: 2 bytes;  i32, date: 4 bytes;  i64, f64, time, timestamp: 8 bytes
 *     text, bytes, json, uuid: u32 length, bytes
 */
typedef struct lg_rows {
  const uint8_t *at;
  const uint8_t *end;
  uint32_t columns;
  uint32_t rows;
} lg_rows;

static inline uint64_t lg_rows_number(const uint8_t *bytes, size_t count) {
  uint64_t number = 0;
  while (count > 0) {
    count -= 1;
    number = (number << 8) | bytes[count];
  }
  return number;
}

/* Steps over `count` bytes and gives where they begin, or null where there are not so many. */
static inline const uint8_t *lg_rows_take(lg_rows *rows, size_t count) {
  const uint8_t *start = rows->at;
  if ((size_t)(rows->end - rows->at) < count) return NULL;
  rows->at += count;
  return start;
}

/* Reads the head and steps over the names. 0 where the bytes are not packed rows. */
static inline int lg_rows_open(lg_rows *rows, lg_str packed) {
  const uint8_t *head;
  uint32_t column;
  if (packed.len < 8) return 0;
  rows->at = packed.ptr;
  rows->end = packed.ptr + packed.len;
  head = lg_rows_take(rows, 8);
  rows->columns = (uint32_t)lg_rows_number(head, 4);
  rows->rows = (uint32_t)lg_rows_number(head + 4, 4);
  for (column = 0; column < rows->columns; column++) {
    const uint8_t *length = lg_rows_take(rows, 2);
    if (length == NULL || lg_rows_take(rows, (size_t)lg_rows_number(length, 2)) == NULL) return 0;
  }
  return 1;
}

/* Reads the next cell, row by row, borrowed from the packed rows. 0 after the last, or where they are damaged. */
static inline int lg_rows_cell(lg_rows *rows, lg_value *cell) {
  static const uint8_t widths[] = {0, 1, 2, 4, 8, 8, 0, 0, 4, 8, 8, 0, 0};
  const uint8_t *bytes = lg_rows_take(rows, 1);
  uint64_t bits;
  if (bytes == NULL || *bytes >= sizeof widths) return 0;
  *cell = lg_value_integer(0);
  cell->kind = *bytes;
  if (cell->kind == LG_NULL) return 1;
  if (widths[cell->kind] == 0) {
    size_t length;
    bytes = lg_rows_take(rows, 4);
    if (bytes == NULL) return 0;
    length = (size_t)lg_rows_number(bytes, 4);
    bytes = lg_rows_take(rows, length);
    if (bytes == NULL) return 0;
    cell->data.text.ptr = bytes;
    cell->data.text.len = length;
    return 1;
  }
  bytes = lg_rows_take(rows, widths[cell->kind]);
  if (bytes == NULL) return 0;
  bits = lg_rows_number(bytes, widths[cell->kind]);
  if (cell->kind == LG_I16) {
    cell->data.integer = (int16_t)bits;
  } else if (cell->kind == LG_I32 || cell->kind == LG_DATE) {
    cell->data.integer = (int32_t)bits;
  } else if (cell->kind == LG_F64) {
    memcpy(&cell->data.floating, &bits, sizeof bits);
  } else {
    cell->data.integer = (int64_t)bits;
  }
  return 1;
}

#ifdef __cplusplus
}
#endif

#endif
