//! Passwords for commands: from standard input, from a file, or made up; never shown unless made up.

use std::io::{BufRead, stdin};
use std::path::PathBuf;

use clap::Args;
use rand::RngExt;

use super::failure::Failure;

/// The letters of a password that is made up; none that look alike.
const ALPHABET: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const LENGTH: usize = 20;

/// Where a password comes from; without either it is made up and printed once.
#[derive(Args)]
#[group(multiple = false)]
pub(super) struct PasswordSource {
    /// The password. Others on this machine may see it in the list of processes.
    #[arg(long, value_name = "TEXT")]
    password: Option<String>,
    /// Reads the password from a file.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Reads the password from one line of standard input.
    #[arg(long)]
    password_stdin: bool,
}

/// A password and whether the operator has to be told it.
pub(super) struct Password {
    pub(super) text: String,
    pub(super) is_made_up: bool,
}

impl PasswordSource {
    /// Fetches the password, or makes one up.
    pub(super) fn fetch(self) -> Result<Password, Failure> {
        let given = if let Some(text) = self.password {
            text
        } else if let Some(file) = self.password_file {
            std::fs::read_to_string(&file)
                .map_err(|error| Failure::Refused(format!("{}: {error}", file.display())))?
        } else if self.password_stdin {
            let mut line = String::new();
            stdin().lock().read_line(&mut line)?;
            line
        } else {
            return Ok(Password {
                text: made_up(),
                is_made_up: true,
            });
        };
        let text = given.trim_end_matches(['\r', '\n']).to_owned();
        Ok(Password {
            text,
            is_made_up: false,
        })
    }
}

fn made_up() -> String {
    let mut random = rand::rng();
    let letter = |_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())]);
    (0..LENGTH).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_that_is_made_up_is_long_and_new_each_time() {
        assert_eq!(made_up().len(), LENGTH);
        assert_ne!(made_up(), made_up());
    }
}
