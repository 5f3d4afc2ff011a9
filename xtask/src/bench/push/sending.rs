//! One notification on its way: how fast it gets on, and whose processor time it takes.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::fakes::Fakes;
use crate::fault::{Fault, Result};
use crate::http::{Request, post_json};
use crate::postgres::Cluster;
use crate::processor;
use crate::site::Site;

/// How often it is looked how far it is.
const LOOK: Duration = Duration::from_millis(200);
/// How long nothing may happen.
const PATIENCE: Duration = Duration::from_mins(1);
/// The threads that do nothing but read and write the ledger.
const LEDGER_THREADS: [&str; 2] = ["push-claim", "push-ledger"];

/// How fast a notification was sent, in devices a second.
pub(super) struct Sent {
    /// From the first that a vendor took to the last that was written down.
    pub(super) rate: f64,
    pub(super) first_tenth: f64,
    pub(super) last_tenth: f64,
}

impl Sent {
    /// Tells all devices of an application something, and waits until what came of it is written down.
    pub(super) fn tell(
        site: &Site,
        fakes: &Fakes,
        (vendor, application): (&str, &str),
        count: u32,
    ) -> Result<Self> {
        let key = format!("api_key {}", site.fact("/keys/unlimited")?);
        let endpoint = site.endpoint("key")?;
        let before = fakes.accepted(vendor)?;
        let message = json!({ "app": application, "title": "Hello", "body": "We open at nine." });
        let url = format!("{endpoint}/post/push/notifications");
        let entered = post_json(&url, &key, &message)?;
        let id = entered["notification"]["id"].as_i64();
        let id = id.ok_or_else(|| Fault::new(format!("nothing was entered: {entered}")))?;
        let course = Course::follow(fakes, vendor, before, count)?;
        let url = format!("{endpoint}/get/push/notifications?id={id}");
        let question = Request::get(url).header("Authorization", &key);
        let one = completed(&question)?;
        let took = course.elapsed();
        let accepted = one["deliveries"]["accepted"].as_u64();
        if accepted != Some(count.into()) {
            return Err(Fault::new(format!("not all were accepted: {one}")));
        }
        let count = f64::from(count);
        let at = |share: f64| course.at(share * count);
        Ok(Sent {
            rate: count / (took - at(0.0)),
            first_tenth: 0.1 * count / (at(0.1) - at(0.0)),
            last_tenth: 0.1 * count / (at(1.0) - at(0.9)),
        })
    }
}

/// Waits until a notification is completed, and gives it.
fn completed(question: &Request) -> Result<Value> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        let text = question.once()?;
        let answer: Value = serde_json::from_str(&text)
            .map_err(|error| Fault::new(format!("{}: {error}: {text}", question.url)))?;
        let one = &answer["notifications"][0];
        if one["state"] == "completed" {
            return Ok(one.clone());
        }
        thread::sleep(LOOK / 4);
    }
    Err(Fault::new(format!("{} is never completed", question.url)))
}

/// How much a vendor had taken at which time.
struct Course {
    begun: Instant,
    marks: Vec<(f64, f64)>,
}

impl Course {
    fn follow(fakes: &Fakes, vendor: &str, before: u64, count: u32) -> Result<Self> {
        let mut course = Course {
            begun: Instant::now(),
            marks: Vec::new(),
        };
        let (mut last, mut moved) = (0, Instant::now());
        while last < u64::from(count) {
            let taken = fakes.accepted(vendor)? - before;
            #[expect(clippy::cast_precision_loss, reason = "there are not so many devices")]
            course.marks.push((course.elapsed(), taken as f64));
            if taken > last {
                (last, moved) = (taken, Instant::now());
            }
            if moved.elapsed() > PATIENCE {
                return Err(Fault::new(format!(
                    "{last} of {count} were taken, and no more"
                )));
            }
            thread::sleep(LOOK);
        }
        Ok(course)
    }

    fn elapsed(&self) -> f64 {
        self.begun.elapsed().as_secs_f64()
    }

    /// When so many had been taken, between the two looks at that.
    fn at(&self, taken: f64) -> f64 {
        let behind = self.marks.iter().position(|(_, count)| *count > taken);
        let behind = behind.unwrap_or(self.marks.len() - 1).max(1);
        let ((from, low), (to, high)) = (self.marks[behind - 1], self.marks[behind]);
        if high <= low {
            return to;
        }
        from + (to - from) * ((taken - low) / (high - low)).clamp(0.0, 1.0)
    }
}

/// Processor time so far, in seconds.
pub(super) struct Usage {
    server: f64,
    ledger: f64,
    database: Option<f64>,
    fake: f64,
}

impl Usage {
    pub(super) fn now(site: &Site, cluster: Option<&Cluster>, fakes: &Fakes) -> Result<Self> {
        let process = site.server.process();
        let database = cluster.map(|cluster| processor::of_tree(cluster.process()));
        Ok(Usage {
            server: site.server.processor_seconds()?,
            ledger: processor::of_threads(process, &LEDGER_THREADS)?,
            database: database.transpose()?,
            fake: fakes.server.processor_seconds()?,
        })
    }

    pub(super) fn since(&self, before: &Usage) -> Usage {
        let database = self.database.zip(before.database);
        Usage {
            server: self.server - before.server,
            ledger: self.ledger - before.ledger,
            database: database.map(|(now, then)| now - then),
            fake: self.fake - before.fake,
        }
    }

    /// By what it was spent for.
    pub(super) fn parts(&self) -> Vec<(&'static str, f64)> {
        let mut parts = vec![
            ("sending", self.server - self.ledger),
            ("ledger", self.ledger),
        ];
        parts.extend(self.database.map(|seconds| ("PostgreSQL", seconds)));
        parts.push(("the fake", self.fake));
        parts
    }
}
