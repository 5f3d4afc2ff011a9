// Sends a notification to many browsers by web-push. Its arguments are a file with the facts of the fakes and a count;
// it prints how many a second were taken.
"use strict";

const fs = require("node:fs");
const https = require("node:https");
const webPush = require("web-push");

const AT_ONCE = 100;

const facts = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const count = Number(process.argv[3]);
const agent = new https.Agent({
  keepAlive: true,
  maxSockets: AT_ONCE,
  // The fake speaks HTTP/2 to whoever does not ask for anything.
  ALPNProtocols: ["http/1.1"],
  ca: fs.readFileSync(facts.root_certificates),
});
const keys = webPush.generateVAPIDKeys();
webPush.setVapidDetails("mailto:bench@example.org", keys.publicKey, keys.privateKey);
const text = JSON.stringify({ title: "Hello", body: "We open at nine." });

let next = 0;

async function work() {
  while (next < count) {
    const subscription = { ...facts.subscription, endpoint: `${facts.subscription.endpoint}${next++}` };
    await webPush.sendNotification(subscription, text, { agent, TTL: 3600, contentEncoding: "aes128gcm" });
  }
}

async function main() {
  const begun = process.hrtime.bigint();
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
  console.log(count / seconds);
  process.exit(0);
}

main().catch((fault) => {
  console.error(fault);
  process.exit(1);
});
