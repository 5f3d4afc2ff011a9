//! nginx with Lua doing what jBackend's key check does: look a key up, count, write a log line. Nothing of it is
//! durable, and the counter is gone with the process.

use std::path::Path;
use std::process::Command;

use crate::fault::Result;
use crate::http::Request;
use crate::process::Server;
use crate::process::free_port;
use crate::tree;

/// `{port}`, `{folder}`, `{modules}` and `{answer}` are filled in.
const CONFIGURATION: &str = r#"
daemon off;
master_process on;
worker_processes 2;
error_log {folder}/error.log;
pid {folder}/pid;
load_module {modules}/ndk_http_module.so;
load_module {modules}/ngx_http_lua_module.so;
events { worker_connections 4096; }
http {
    access_log {folder}/access.log combined buffer=64k flush=1s;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    lua_shared_dict keys 1m;
    init_by_lua_block { ngx.shared.keys:set("key:bench", 2000000000) }
    server {
        listen 127.0.0.1:{port} reuseport;
        keepalive_requests 1000000000;
        location / {
            content_by_lua_block {
                local keys = ngx.shared.keys
                local key = string.match(ngx.var.http_authorization or "", "^api_key (.+)$")
                local limit = key and keys:get("key:" .. key)
                if not limit then return ngx.exit(401) end
                local used = keys:incr("used:" .. key .. os.date("!%Y%m%d"), 1, 0)
                if used > limit then return ngx.exit(429) end
                ngx.header["Content-Type"] = "application/json"
                ngx.print('{answer}')
            }
        }
    }
}
"#;

/// Where Debian puts nginx's modules.
pub(crate) const MODULES: &str = "/usr/lib/nginx/modules";

/// Starts it in a folder of its own; the request carries the key it knows.
pub(crate) fn start(folder: &Path, answer: &str) -> Result<(Server, Request)> {
    tree::make_folder(folder)?;
    let port = free_port()?;
    let text = CONFIGURATION
        .replace("{port}", &port.to_string())
        .replace("{folder}", &folder.display().to_string())
        .replace("{modules}", MODULES)
        .replace("{answer}", answer);
    let configuration = folder.join("nginx.conf");
    tree::write(&configuration, text.as_bytes())?;
    let mut command = Command::new("nginx");
    command.arg("-p").arg(folder).arg("-c").arg(&configuration);
    let mut server = Server::start(&mut command)?;
    let request =
        Request::get(format!("http://127.0.0.1:{port}/")).header("Authorization", "api_key bench");
    server.wait_for(&request)?;
    Ok((server, request))
}
