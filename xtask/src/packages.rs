//! What the chores need beside Rust, installed from Debian where that is allowed.

use std::path::Path;
use std::process::Command;

use crate::bench::nginx;
use crate::fault::{Fault, Result};
use crate::mariadb;
use crate::owner::is_root;
use crate::postgres;
use crate::step::{available, output, run, server};

/// One need: how to see that it is there, and the package that brings it.
pub(crate) struct Need {
    package: &'static str,
    present: fn() -> bool,
}

/// What the tests need.
pub(crate) const TESTS: [Need; 11] = [
    Need {
        package: "jq",
        present: || available("jq"),
    },
    Need {
        package: "openssl",
        present: || available("openssl"),
    },
    Need {
        package: "curl",
        present: || available("curl"),
    },
    Need {
        package: "build-essential",
        present: || available("cc") && available("c++"),
    },
    Need {
        package: "binutils",
        present: || available("nm"),
    },
    Need {
        package: "postgresql",
        present: || postgres::binaries().is_some(),
    },
    Need {
        package: "mariadb-server",
        present: mariadb::is_installed,
    },
    Need {
        package: "nats-server",
        present: || server("nats-server").is_some(),
    },
    Need {
        package: "python3-venv",
        present: python_makes_environments,
    },
    Need {
        package: "chromium",
        present: || available("chromium"),
    },
    Need {
        package: "chromium-driver",
        present: || available("chromedriver"),
    },
];

/// What the measurements need.
pub(crate) const BENCH: [Need; 10] = [
    Need {
        package: "build-essential",
        present: || available("cc"),
    },
    Need {
        package: "curl",
        present: || available("curl"),
    },
    Need {
        package: "wrk",
        present: || available("wrk"),
    },
    Need {
        package: "nghttp2-client",
        present: || available("h2load"),
    },
    Need {
        package: "libnginx-mod-http-lua",
        present: nginx_speaks_lua,
    },
    Need {
        package: "postgresql",
        present: || postgres::binaries().is_some(),
    },
    Need {
        package: "mariadb-server",
        present: mariadb::is_installed,
    },
    Need {
        package: "python3-venv",
        present: python_makes_environments,
    },
    Need {
        package: "nodejs",
        present: || available("node"),
    },
    Need {
        package: "npm",
        present: || available("npm"),
    },
];

/// Installs what is missing. Where that is not possible, the answer names the packages.
pub(crate) fn install(needs: &[Need]) -> Result<()> {
    let missing: Vec<&str> = needs
        .iter()
        .filter(|need| !(need.present)())
        .map(|need| need.package)
        .collect();
    if missing.is_empty() {
        println!("    nothing is missing");
        return Ok(());
    }
    println!("    missing: {}", missing.join(", "));
    apt(&["update"])
        .and_then(|()| {
            apt(&[
                &["install", "--yes", "--no-install-recommends"],
                missing.as_slice(),
            ]
            .concat())
        })
        .map_err(|fault| Fault::new(format!("please install {}: {fault}", missing.join(", "))))
}

/// Runs apt-get, through sudo where this is not root and sudo asks for no password.
fn apt(arguments: &[&str]) -> Result<()> {
    if !Path::new("/usr/bin/apt-get").exists() {
        return Err(Fault::new("there is no apt-get here"));
    }
    let mut command = if is_root() {
        Command::new("apt-get")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["--non-interactive", "apt-get"]);
        sudo
    };
    run(command
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive"))
}

/// Debian keeps `venv` outside the interpreter's own package.
fn python_makes_environments() -> bool {
    output(Command::new("python3").args(["-c", "import venv, ensurepip"])).is_ok()
}

fn nginx_speaks_lua() -> bool {
    available("nginx")
        && Path::new(nginx::MODULES)
            .join("ngx_http_lua_module.so")
            .exists()
}
