/*
 * hello.c: a complete module in C.
 *
 *   get/hello/greeting?name=Ada&times=2   inline: {"status":"ok","greeting":"Hello, Ada! Hello, Ada!"}
 *   post/hello/visit?name=Ada             on the module's pool: counts visits in the database
 *
 * Build it and ask the host what it thinks of it:
 *
 *   cc -std=c11 -shared -fPIC -fvisibility=hidden -I include -o hello.so hello.c
 *   loggia module check ./hello.so
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loggia.h"

/* What the host has to know: it routes, checks parameters and documents by this text alone. */
static const char descriptor[] =
    "{\"module\":\"hello\",\"version\":\"1.0.0\",\"summary\":\"Greets and counts visits\",\"aliases\":[],"
    "\"services\":[{\"id\":\"loggia.database\",\"version\":1},{\"id\":\"loggia.log\",\"version\":1},"
    "{\"id\":\"loggia.settings\",\"version\":1}],"
    "\"operations\":["
    "{\"action\":\"get\",\"resource\":\"greeting\",\"summary\":\"Greets somebody\",\"class\":\"inline\","
    "\"writes\":false,\"contract\":false,\"access\":\"any\",\"body\":\"none\","
    "\"parameters\":["
    "{\"name\":\"name\",\"about\":\"Who is greeted\",\"type\":\"text\",\"required\":true,"
    "\"missing\":\"HEL_NMR\",\"schema\":{\"type\":\"string\",\"maxLength\":100}},"
    "{\"name\":\"times\",\"about\":\"How often\",\"type\":\"integer\",\"required\":false,"
    "\"schema\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":10}}],"
    "\"answer\":{\"schema\":{\"type\":\"object\",\"properties\":{\"greeting\":{\"type\":\"string\"}},"
    "\"required\":[\"greeting\"]}},\"faults\":[\"HEL_NMR\"]},"
    "{\"action\":\"post\",\"resource\":\"visit\",\"summary\":\"Counts a visit\",\"class\":\"pool\","
    "\"writes\":true,\"contract\":false,\"access\":\"any\",\"body\":\"none\","
    "\"parameters\":["
    "{\"name\":\"name\",\"about\":\"Who visits\",\"type\":\"text\",\"required\":true,"
    "\"missing\":\"HEL_NMR\",\"schema\":{\"type\":\"string\",\"maxLength\":100}}],"
    "\"answer\":{\"schema\":{\"type\":\"object\",\"properties\":{\"visits\":{\"type\":\"integer\"}},"
    "\"required\":[\"visits\"]}},\"faults\":[\"HEL_NMR\",\"HEL_DBF\"]}],"
    "\"routes\":[],\"commands\":[],"
    "\"settings\":{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"greeting\":"
    "{\"type\":\"string\",\"default\":\"Hello\",\"description\":\"The word that greets\"}}},"
    "\"faults\":[{\"code\":\"HEL_NMR\",\"text\":\"Name required\",\"status\":400},"
    "{\"code\":\"HEL_DBF\",\"text\":\"Visits cannot be counted\",\"status\":500}],"
    "\"migrations\":[{\"name\":\"0001_hello\","
    "\"up\":\"CREATE TABLE \\\"hello_visit\\\" (\\\"name\\\" TEXT NOT NULL PRIMARY KEY, "
    "\\\"visits\\\" BIGINT NOT NULL);\","
    "\"down\":\"DROP TABLE \\\"hello_visit\\\";\"}]}";

/* The operations' places in the descriptor. */
enum { OPERATION_GREETING = 0, OPERATION_VISIT = 1 };

/* One instance. It is only read after `start`, so that many threads may use it. */
typedef struct instance {
  const lg_host_database *database;
  const lg_host_log *log;
  lg_str greeting; /* the inside of a JSON string, borrowed from the settings */
} instance;

/*
 * Finds the member `"greeting":"..."` of the settings and gives what is between its quotes, still escaped as JSON:
 * that is how the answer wants it. The host has checked the object against the schema above.
 */
static lg_str greeting_of(lg_str settings) {
  static const char name[] = "\"greeting\":\"";
  const size_t name_len = sizeof name - 1;
  size_t start, end;
  for (start = 0; start + name_len <= settings.len; start++) {
    if (memcmp(settings.ptr + start, name, name_len) != 0) continue;
    start += name_len;
    for (end = start; end < settings.len && settings.ptr[end] != '"'; end++) {
      if (settings.ptr[end] == '\\') end++;
    }
    if (end < settings.len) return lg_str_of((const char *)settings.ptr + start, end - start);
    break;
  }
  return LG_STR("Hello");
}

static int32_t start(const lg_host *host, void **state) {
  const lg_host_settings *settings;
  instance *self = calloc(1, sizeof *self);
  if (self == NULL) return LG_E_LIMIT;
  self->database = host->service(host->context, "loggia.database", 1);
  self->log = host->service(host->context, "loggia.log", 1);
  settings = host->service(host->context, "loggia.settings", 1);
  if (self->database == NULL || self->log == NULL || settings == NULL) {
    free(self);
    return LG_E_UNSUPPORTED;
  }
  self->greeting = greeting_of(settings->json);
  self->log->write(self->log->context, NULL, LG_LEVEL_INFO, LG_STR("hello is ready"));
  *state = self;
  return LG_OK;
}

static void stop(void *state) { free(state); }

static int32_t put(lg_reply *reply, lg_str text) {
  return reply->write(reply->context, text.ptr, text.len);
}

/* Writes a text as the inside of a JSON string. */
static int32_t put_escaped(lg_reply *reply, lg_str text) {
  size_t at;
  for (at = 0; at < text.len; at++) {
    char escape[8];
    int32_t result;
    const unsigned byte = text.ptr[at];
    if (byte == '"' || byte == '\\' || byte < 0x20) {
      const int length = snprintf(escape, sizeof escape, "\\u%04x", byte);
      result = put(reply, lg_str_of(escape, (size_t)length));
    } else {
      result = reply->write(reply->context, text.ptr + at, 1);
    }
    if (result != LG_OK) return result;
  }
  return LG_OK;
}

static int32_t greeting(const instance *self, const lg_request *request, lg_reply *reply) {
  const lg_str name = request->parameters[0].data.text;
  const lg_value *times = &request->parameters[1];
  int64_t left = times->kind == LG_NULL ? 1 : times->data.integer;
  put(reply, LG_STR("{\"greeting\":\""));
  for (; left > 0; left--) {
    put(reply, self->greeting);
    put(reply, LG_STR(", "));
    put_escaped(reply, name);
    put(reply, left > 1 ? LG_STR("! ") : LG_STR("!"));
  }
  /* Once the reply is full, every write says so: the last one's answer is enough. */
  return put(reply, LG_STR("\"}"));
}

/* Counts one visit and gives the number of visits so far. */
static int32_t count_visit(const lg_host_database *database, lg_connection *connection, lg_str name,
                           int64_t *visits) {
  const lg_value binds[1] = {lg_value_text(name)};
  lg_str packed;
  lg_rows rows;
  lg_value cell;
  const int32_t result = database->query(
      connection,
      LG_STR("INSERT INTO \"hello_visit\" (\"name\", \"visits\") VALUES ($1, 1) "
             "ON CONFLICT (\"name\") DO UPDATE SET \"visits\" = \"hello_visit\".\"visits\" + 1 "
             "RETURNING \"visits\""),
      binds, 1, &packed);
  if (result != LG_OK) return result;
  if (!lg_rows_open(&rows, packed) || !lg_rows_cell(&rows, &cell)) return LG_E_DATABASE;
  *visits = cell.data.integer;
  return LG_OK;
}

static int32_t visit(const instance *self, const lg_request *request, lg_reply *reply) {
  const lg_host_database *database = self->database;
  lg_connection *connection;
  int64_t visits = 0;
  char answer[48];
  int length;
  int32_t result = database->acquire(database->context, request->call, 1, &connection);
  if (result == LG_OK) {
    result = count_visit(database, connection, request->parameters[0].data.text, &visits);
    if (result != LG_OK) {
      self->log->write(self->log->context, request->call, LG_LEVEL_ERROR, database->error(connection));
    }
    database->release(connection);
  }
  /* A passed deadline is the host's to report; a failed statement is a fault of this module. */
  if (result == LG_E_DEADLINE) return result;
  if (result != LG_OK) return reply->fail(reply->context, LG_STR("HEL_DBF"), lg_str_of(NULL, 0));
  length = snprintf(answer, sizeof answer, "{\"visits\":%lld}", (long long)visits);
  return put(reply, lg_str_of(answer, (size_t)length));
}

static int32_t handle(void *state, const lg_request *request, lg_reply *reply) {
  const instance *self = state;
  switch (request->operation) {
    case OPERATION_GREETING: return greeting(self, request, reply);
    case OPERATION_VISIT: return visit(self, request, reply);
    default: return LG_E_UNSUPPORTED;
  }
}

LG_EXPORT const lg_module *loggia_module_v1(uint32_t host_minor) {
  static const lg_module module = {
      .size = sizeof(lg_module),
      .major = LG_MAJOR,
      .minor = LG_MINOR,
      .min_host_minor = 0,
      .flags = LG_MODULE_UNLOADABLE,
      .name = {(const uint8_t *)"hello", 5},
      .version = {(const uint8_t *)"1.0.0", 5},
      .descriptor = {(const uint8_t *)descriptor, sizeof descriptor - 1},
      .start = start,
      .handle = handle,
      .stop = stop,
  };
  (void)host_minor;
  return &module;
}
