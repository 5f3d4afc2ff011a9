// Sends a notification to many tokens by @parse/node-apn. Its arguments are a file with the facts of the fakes and a count;
// it prints how many a second were taken.
"use strict";

const fs = require("node:fs");
const apn = require("@parse/node-apn");

const facts = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const count = Number(process.argv[3]);
const { hostname, port } = new URL(facts.apns_sandbox_url);
const { token, bundle } = facts.credentials.apns;

const provider = new apn.MultiProvider({
  clientCount: 2,
  token: { key: token.key, keyId: token.key_id, teamId: token.team_id },
  production: false,
  address: hostname,
  port: Number(port),
  ca: fs.readFileSync(facts.root_certificates),
});
const note = new apn.Notification({ alert: { title: "Hello", body: "We open at nine." }, topic: bundle });
const tokens = Array.from({ length: count }, (_, at) => at.toString(16).padStart(64, "0"));

async function main() {
  const begun = process.hrtime.bigint();
  let taken = 0;
  for (let at = 0; at < count; at += 1000) {
    const { sent, failed } = await provider.send(note, tokens.slice(at, at + 1000));
    taken += sent.length;
    if (failed.length > 0) throw new Error(`refused: ${JSON.stringify(failed[0])}`);
  }
  const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
  console.log(taken / seconds);
  process.exit(0);
}

main().catch((fault) => {
  console.error(fault);
  process.exit(1);
});
