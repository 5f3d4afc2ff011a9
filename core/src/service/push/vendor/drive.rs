//! How a batch runs: many requests at once, each target answered once, nothing sent that may not be.

use std::sync::Arc;
use std::sync::OnceLock;

use futures_util::StreamExt;
use futures_util::stream;

use super::batch::{Answer, Answers, Permission};
use super::gate::Gate;
use super::{Outcome, Reason, Scope, Target};

/// What the requests of a batch have in common.
pub(super) struct Drive {
    /// Whether this node may send.
    pub(super) permission: Permission,
    /// Where answers go.
    pub(super) answers: Answers,
    /// The pause of the application there.
    pub(super) gate: Arc<Gate>,
    /// Why all the rest is given back unsent: the application's credentials are refused.
    pub(super) stopped: OnceLock<Reason>,
}

impl Drive {
    /// Runs over all targets, so many at a time.
    pub(super) async fn run<F>(
        &self,
        targets: Vec<Target>,
        at_once: usize,
        send: impl Fn(Target) -> F,
    ) where
        F: Future<Output = Outcome>,
    {
        let work = stream::iter(targets).map(|target| {
            let (device_id, send) = (target.device_id, &send);
            // Made where it stays: a request under way is large, and would be copied from hand to hand.
            Box::pin(async move {
                let outcome = match self.held() {
                    Some(outcome) => outcome,
                    None => send(target).await,
                };
                (device_id, outcome)
            })
        });
        let mut done = work.buffer_unordered(at_once);
        while let Some((device_id, outcome)) = done.next().await {
            self.note(&outcome);
            // An engine that no longer listens has given the batch up.
            let _ = self.answers.send(Answer { device_id, outcome });
        }
    }

    /// What keeps a target from being sent.
    fn held(&self) -> Option<Outcome> {
        if !self.permission.holds() {
            return Some(Outcome::Withheld);
        }
        if let Some(reason) = self.stopped.get() {
            let reason = reason.clone();
            return Some(Outcome::BadCredentials { reason });
        }
        let left = self.gate.closed_for()?;
        Some(Outcome::Retry {
            after: Some(left),
            scope: Scope::Application,
            reason: "waiting as the vendor asked".into(),
        })
    }

    fn note(&self, outcome: &Outcome) {
        match outcome {
            Outcome::BadCredentials { reason } => {
                let _ = self.stopped.set(reason.clone());
            }
            Outcome::Accepted { .. } => self.gate.succeeded(),
            _ => {}
        }
    }
}

/// Answers all targets alike, where nothing can be sent at all.
pub(super) fn answer_all(targets: &[Target], answers: &Answers, outcome: &Outcome) {
    for target in targets {
        let outcome = outcome.clone();
        let device_id = target.device_id;
        let _ = answers.send(Answer { device_id, outcome });
    }
}
