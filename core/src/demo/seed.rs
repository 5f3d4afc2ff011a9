//! Filling a new demo site. A step that an earlier, interrupted filling has done is found done.

use std::fs;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::time::{Duration, Instant};

use rand::distr::{Alphanumeric, SampleString};
use serde_json::{Value, json};

use super::catalog::catalog;
use super::content::content;
use super::facts::{DemoFacts, DemoKeys, DemoRelease, DemoUser, DemoUsers};
use super::forum::forum;
use super::media::media;
use super::menu::menu;
use super::operate::operate;
use super::package::DemoPackage;
use super::profiles::profiles;
use super::push::{loopback, push};
use super::pushback::pushback;
use super::site::PARTNER;
use crate::app::House;
use crate::service::identity::{By, IdentityFault, NewUser, NewUserPassword};
use crate::store::keys::{Draft, Key, Rights, Secret, create};

const GROUP: &str = "demo";
const CUSTOMERS: &str = "Demo customers";
const REGISTERED: i64 = 2;
const SUPER_USERS: i64 = 8;
const PLATFORM: &str = "4.0-6.*";

/// The facts of the folder's site, which is filled where it is new. Two nodes that start at once on one
/// folder fill it once.
pub(super) fn seeded(house: &House, folder: &Path) -> Result<DemoFacts, String> {
    let said = |error: std::io::Error| format!("{}: {error}", folder.display());
    let _lock = lock(folder).map_err(said)?;
    let facts = match DemoFacts::read(folder).map_err(said)? {
        Some(facts) if is_whole(&facts) => return Ok(facts),
        Some(facts) => DemoFacts {
            content: Some(content(house)?),
            forum: Some(forum(house)?),
            catalog: Some(catalog(house)?),
            push: Some(push(house)?),
            loopback: Some(loopback(house)?),
            pushback: Some(match facts.pushback {
                Some(known) => known,
                None => pushback(house, counting(house)?)?,
            }),
            ..facts
        },
        None => seed(house)?,
    };
    facts.write(folder).map_err(said)?;
    Ok(facts)
}

/// A site that was made before a module has nothing of it yet.
fn is_whole(facts: &DemoFacts) -> bool {
    facts.content.is_some()
        && facts.forum.is_some()
        && facts.catalog.is_some()
        && facts.push.is_some()
        && facts.pushback.is_some()
        && facts.loopback.is_some()
}

/// A lock that ends with the process, however it ends.
fn lock(folder: &Path) -> std::io::Result<fs::File> {
    let file = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join(".demo.lock"))?;
    // SAFETY: the descriptor is open as long as `file`.
    if unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX) } != 0 {
        return Err(std::io::Error::last_os_error());
    }
    Ok(file)
}

fn seed(house: &House) -> Result<DemoFacts, String> {
    let customers = customers(house)?;
    let users = DemoUsers {
        member: user(house, "member", &[REGISTERED, customers])?,
        outsider: user(house, "outsider", &[REGISTERED])?,
        admin: user(house, "admin", &[SUPER_USERS])?,
    };
    profiles(house, &users)?;
    menu(house)?;
    media(house)?;
    Ok(DemoFacts {
        keys: keys(house)?,
        users,
        release: release(house, customers)?,
        content: Some(content(house)?),
        forum: Some(forum(house)?),
        catalog: Some(catalog(house)?),
        push: Some(push(house)?),
        loopback: Some(loopback(house)?),
        pushback: Some(pushback(house, counting(house)?)?),
        outbox: house.settings.load().mail.outbox.clone(),
    })
}

fn customers(house: &House) -> Result<i64, String> {
    let (identity, operator) = (&house.identity, house.identity.operator());
    let said = |fault: IdentityFault| fault.to_string();
    let groups = identity.groups(&operator).map_err(said)?;
    match groups.into_iter().find(|group| group.title == CUSTOMERS) {
        Some(group) => Ok(group.id),
        None => identity
            .create_group(&operator, CUSTOMERS, REGISTERED)
            .map_err(said),
    }
}

fn user(house: &House, username: &str, groups: &[i64]) -> Result<DemoUser, String> {
    let (identity, operator) = (&house.identity, house.identity.operator());
    let user = DemoUser {
        username: username.to_owned(),
        password: Alphanumeric.sample_string(&mut rand::rng(), 16),
        email: format!("{username}@example.org"),
    };
    let done = match identity.find(&operator, By::Username(username)) {
        Ok(found) => identity.reset_password(&operator, found.id, &user.password),
        Err(IdentityFault::NotFound) => {
            let new = NewUser {
                username: user.username.clone(),
                email: user.email.clone(),
                name: format!("Demo {username}"),
                password: NewUserPassword::Plain(user.password.clone()),
                groups: groups.to_vec(),
                blocked: false,
            };
            identity.create(&operator, &new).map(drop)
        }
        Err(fault) => Err(fault),
    };
    done.map_err(|fault| fault.to_string())?;
    Ok(user)
}

fn keys(house: &House) -> Result<DemoKeys, String> {
    let everywhere = Rights {
        default_request: true,
        scopes: vec!["*".to_owned()],
        ..Rights::default()
    };
    let elsewhere = Rights {
        endpoints: Some(vec![PARTNER.to_owned()]),
        ..Rights::default()
    };
    let draft = |comment: &str| Draft {
        comment: format!("demo: {comment}"),
        ..Draft::default()
    };
    Ok(DemoKeys {
        unlimited: key(
            house,
            &Draft {
                rights: everywhere,
                ..draft("unlimited")
            },
        )?,
        five_daily: key(
            house,
            &Draft {
                daily_requests: 5,
                ..draft("five a day")
            },
        )?,
        expired: key(
            house,
            &Draft {
                expires_ms: Some(1_000_000_000_000),
                ..draft("expired")
            },
        )?,
        other_endpoint: key(
            house,
            &Draft {
                rights: elsewhere,
                ..draft("other endpoint")
            },
        )?,
    })
}

/// The key that PushBack's notifications count against.
fn counting(house: &House) -> Result<i64, String> {
    let draft = Draft {
        comment: "demo: PushBack".to_owned(),
        ..Draft::default()
    };
    Ok(made(house, &draft)?.0.id)
}

fn key(house: &House, draft: &Draft) -> Result<String, String> {
    Ok(made(house, draft)?.1.expose().to_owned())
}

fn made(house: &House, draft: &Draft) -> Result<(Key, Secret), String> {
    let deadline = Instant::now() + Duration::from_secs(10);
    let made = house
        .pool
        .write(deadline)
        .and_then(|mut connection| create(&mut connection, draft));
    made.map_err(|error| error.to_string())
}

fn release(house: &House, customers: i64) -> Result<DemoRelease, String> {
    let group = json!({ "id": GROUP, "name": "Demo licence", "user_groups": [customers] });
    operate(house, "release", "put", "group", &group, None)?;
    let platform = json!({ "platform": PLATFORM });
    let with = |extra: Value| {
        let mut members = platform.clone();
        if let (Some(members), Value::Object(extra)) = (members.as_object_mut(), extra) {
            members.extend(extra);
        }
        members
    };
    let licensed = with(json!({ "group": GROUP }));
    let package = publish(
        house,
        &DemoPackage {
            name: "loggiademo",
            version: "1.2.0",
        },
        &licensed,
    )?;
    publish(
        house,
        &DemoPackage {
            name: "loggiademo",
            version: "1.3.0-beta1",
        },
        &licensed,
    )?;
    let free = with(json!({ "free": true }));
    let free_package = publish(
        house,
        &DemoPackage {
            name: "loggiafree",
            version: "1.0.0",
        },
        &free,
    )?;
    Ok(DemoRelease {
        group: GROUP.to_owned(),
        package,
        free_package,
        update_path: "/updates/extension/com_loggiademo.xml".to_owned(),
    })
}

/// Publishes a package under an id of its own, unless it is there.
fn publish(house: &House, package: &DemoPackage, members: &Value) -> Result<String, String> {
    let id = format!(
        "{}_{}",
        package.name,
        package.version.replace(['.', '-'], "_")
    );
    let mut members = members.clone();
    members["package"] = json!(id);
    let listed = operate(house, "release", "get", "packages", &json!({}), None)?;
    let is_there = listed["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|one| one["package"] == id);
    if !is_there {
        let bytes = package.bytes().map_err(|error| error.to_string())?;
        operate(house, "release", "post", "publish", &members, Some(&bytes))?;
    }
    Ok(id)
}
