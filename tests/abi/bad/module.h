/*
 * A module without a fault, for the files beside this one to spoil in one place each: they define the macro of the
 * place before they include this.
 */
#ifndef BAD_MODULE_H
#define BAD_MODULE_H

#include <stdlib.h>
#include <string.h>

#include "loggia.h"

#ifndef DESCRIPTOR
#define DESCRIPTOR                                                                              \
  "{\"module\":\"bad\",\"version\":\"1.0.0\",\"summary\":\"Bad in one place\",\"services\":[]," \
  "\"operations\":[{\"action\":\"get\",\"resource\":\"answer\",\"summary\":\"Answers\","        \
  "\"class\":\"pool\",\"answer\":{\"schema\":{\"type\":\"object\"}}}]}"
#endif
#ifndef MAJOR
#define MAJOR LG_MAJOR
#endif
#ifndef MIN_HOST_MINOR
#define MIN_HOST_MINOR 0
#endif
#ifndef SIZE
#define SIZE sizeof(lg_module)
#endif
#ifndef START
#define START start_well
#endif
#ifndef ENTRY
#define ENTRY loggia_module_v1
#endif

static inline int32_t start_well(const lg_host *host, void **state) {
  (void)host;
  *state = NULL;
  return LG_OK;
}

static int32_t answer(void *state, const lg_request *request, lg_reply *reply) {
  static const char text[] = "{}";
  (void)state;
  (void)request;
  return reply->write(reply->context, (const uint8_t *)text, sizeof text - 1);
}

static void stop(void *state) { (void)state; }

LG_EXPORT const lg_module *ENTRY(uint32_t host_minor);

LG_EXPORT const lg_module *ENTRY(uint32_t host_minor) {
  static const lg_module module = {
      .size = SIZE,
      .major = MAJOR,
      .minor = LG_MINOR,
      .min_host_minor = MIN_HOST_MINOR,
      .flags = LG_MODULE_UNLOADABLE,
      .name = {(const uint8_t *)"bad", 3},
      .version = {(const uint8_t *)"1.0.0", 5},
      .descriptor = {(const uint8_t *)DESCRIPTOR, sizeof DESCRIPTOR - 1},
      .start = START,
      .handle = answer,
      .stop = stop,
  };
  (void)host_minor;
  return &module;
}

#endif
