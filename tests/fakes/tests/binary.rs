//! The binary as scripts use it: one line, a control address, an end with its input.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// The binary, ended with the test however that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start() -> (Running, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loggia-fakes"));
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut running = Running(child.unwrap());
    let mut line = String::new();
    let output = running.0.stdout.take().unwrap();
    BufReader::new(output).read_line(&mut line).unwrap();
    (running, serde_json::from_str(&line).unwrap())
}

/// Asks the control as simply as it can be asked.
fn ask(line: &Value, method: &str, path: &str, body: &str) -> Value {
    let address = line["control_url"]
        .as_str()
        .unwrap()
        .trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let head = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    write!(stream, "{head}content-length: {length}\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[test]
fn it_prints_where_it_is_answers_for_each_fake_and_ends_with_its_input() {
    let (mut running, line) = start();
    for fake in ["apns", "apns_sandbox", "fcm", "oauth", "web_push"] {
        assert_eq!(ask(&line, "GET", &format!("/{fake}/counts"), "")["seen"], 0);
    }
    let manner = ask(&line, "PUT", "/apns/manner", r#"{"max_streams":7}"#);
    assert_eq!(
        (&manner["max_streams"], &manner["keep"]),
        (&json!(7), &json!(1000))
    );
    let script = r#"{"target":"ab","answers":[{"status":410,"reason":"Unregistered"}]}"#;
    assert_eq!(ask(&line, "PUT", "/apns/script", script), json!({}));
    assert_eq!(ask(&line, "POST", "/apns/taken", r#"["ab"]"#), json!([0]));
    assert_eq!(ask(&line, "GET", "/line", ""), line);
    let subscription = ask(&line, "GET", "/web_push/subscription/one", "");
    assert_eq!(subscription, line["subscription"]);
    assert!(ask(&line, "PUT", "/apns/script", "{}")["error"].is_string());
    assert!(ask(&line, "GET", "/nobody/counts", "")["error"].is_string());
    let roots = std::fs::read_to_string(line["root_certificates"].as_str().unwrap()).unwrap();
    assert!(roots.starts_with("-----BEGIN CERTIFICATE-----"));
    drop(running.0.stdin.take());
    assert!(running.0.wait().unwrap().success());
}
