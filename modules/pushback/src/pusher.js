/*
 * PushBack for pages: PushBack.init(key, user), then PushBack.subscribe(onNotification, onClose).
 *
 * The handlers are those of the websocket: onNotification is given the MessageEvent with the content in `data`, onClose the
 * CloseEvent, and `this` is the WebSocket. Beyond the original: the third argument of init may be {reconnect: true},
 * {host: "push.example.org"}, {ticket: "..."}, {onGap: function () {}} (something was missed that is not kept any more). What
 * was missed between two connections of a page is handed over by itself.
 */
var PushBack = (function () {
  "use strict";

  var PROTOCOL = "pushback.envelope";
  var FIRST_PAUSE_MS = 1000;
  var LONGEST_PAUSE_MS = 30000;
  var STABLE_MS = 60000;

  var options = {};
  var seen = null; /* the id of the last message */
  var isPassing = false; /* an event of ours is on its way to the page */
  var timer = null;
  var pause = FIRST_PAUSE_MS;
  var handlers = { onNotification: null, onClose: null };

  function address() {
    var scheme = window.location.protocol === "https:" ? "wss://" : "ws://";
    var query = [];
    if (seen !== null) {
      query.push("since=" + encodeURIComponent(seen));
    }
    if (options.ticket) {
      query.push("ticket=" + encodeURIComponent(options.ticket));
    }
    return scheme + (options.host || window.location.host) + "/ws/notifications/subscribe/" +
      encodeURIComponent(self._app_key) + "/" + encodeURIComponent(self._client_id) + "/" +
      (query.length ? "?" + query.join("&") : "");
  }

  /* Whether frames may come with their ids: then they have to be handed over as the original's. */
  function speaksOurs() {
    return typeof MessageEvent === "function" && typeof WebSocket.prototype.dispatchEvent === "function";
  }

  /* What the page is given is an event as the original's: the content alone. */
  function unwrap(event) {
    var socket = this;
    var frame;
    if (isPassing || socket.protocol !== PROTOCOL) {
      return;
    }
    event.stopImmediatePropagation();
    if (socket !== self._chatSocket) {
      return;
    }
    frame = JSON.parse(event.data);
    seen = frame.id;
    if (frame.gap && typeof options.onGap === "function") {
      options.onGap.call(socket);
    }
    if ("content" in frame) {
      isPassing = true;
      try {
        socket.dispatchEvent(new MessageEvent("message", {
          data: JSON.stringify(frame.content),
          origin: event.origin,
          lastEventId: String(frame.id)
        }));
      } finally {
        isPassing = false;
      }
    }
  }

  function comeBack(openedAt) {
    var wait;
    if (openedAt !== null && Date.now() - openedAt >= STABLE_MS) {
      pause = FIRST_PAUSE_MS;
    }
    wait = pause * (0.5 + Math.random() / 2);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    timer = setTimeout(dial, wait);
  }

  /* Closes a connection of which the page wants to hear no more. */
  function leave(socket) {
    if (socket !== null) {
      socket.onmessage = null;
      socket.onclose = null;
      socket.close();
    }
  }

  function dial() {
    var socket = speaksOurs() ? new WebSocket(address(), [PROTOCOL]) : new WebSocket(address());
    var openedAt = null;
    timer = null;
    self._chatSocket = socket;
    if (socket.addEventListener) {
      socket.addEventListener("message", unwrap);
      socket.addEventListener("open", function () {
        openedAt = Date.now();
      });
      socket.addEventListener("close", function () {
        if (options.reconnect && socket === self._chatSocket) {
          comeBack(openedAt);
        }
      });
    }
    socket.onmessage = handlers.onNotification;
    socket.onclose = handlers.onClose;
  }

  var self = {
    _app_key: null,
    _client_id: null,
    _chatSocket: null,

    /* Remembers who listens; nothing is connected. */
    init: function (app_key, client_id, given) {
      if (app_key !== self._app_key || String(client_id) !== String(self._client_id)) {
        seen = null;
      }
      self._app_key = app_key;
      self._client_id = client_id;
      options = given || {};
    },

    /* Connects; a connection that is open already is closed. */
    subscribe: function (onNotification, onClose) {
      var former = self._chatSocket;
      clearTimeout(timer);
      pause = FIRST_PAUSE_MS;
      handlers.onNotification = onNotification;
      handlers.onClose = onClose;
      dial();
      leave(former);
    },

    /* Closes the connection and stays away. */
    unsubscribe: function () {
      var former = self._chatSocket;
      clearTimeout(timer);
      self._chatSocket = null;
      leave(former);
    }
  };

  return self;
})();
