//! One started module: how a call reaches it, and how it ends.

use std::borrow::Cow;
use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use loggia_abi::{Pair, Request, Str, code};
use tokio::sync::oneshot;

use super::binding::Bound;
use super::descriptor::{Class, Descriptor};
use super::lane::{Lane, Refused};
use super::library::Library;
use super::patience::Patience;
use super::reaper;
use super::reply::{Answer, Writing};
use crate::address_text;
use crate::fault::{Fault, Req};
use crate::service::clock;
use crate::service::context::CallContext;
use crate::service::files::FileStore;
use crate::service::hub::InstanceServices;

/// The bounds of an instance's calls.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Threads of each lane.
    pub threads: usize,
    /// Waiting calls of each lane.
    pub queue: usize,
    /// How long a call may take.
    pub deadline: Duration,
    /// The largest answer, in bytes.
    pub max_answer_bytes: usize,
}

/// Everything a call carries to a module. What is answered here may borrow from the request; what moves to
/// another thread owns its texts.
pub struct Invocation<'r> {
    /// The place among operations and routes.
    pub index: usize,
    /// The values of an operation's parameters.
    pub values: Vec<Bound>,
    /// What services see of the call.
    pub context: CallContext,
    /// What a module sees of the request.
    pub facts: RequestFacts<'r>,
}

/// What a module sees of the request.
#[derive(Clone, Debug, Default)]
pub struct RequestFacts<'r> {
    /// The HTTP method.
    pub method: Cow<'r, str>,
    /// The path below the endpoint.
    pub path: Cow<'r, str>,
    /// The raw query.
    pub query: Cow<'r, str>,
    /// The raw body of a route.
    pub body: Vec<u8>,
    /// Its type.
    pub body_type: Cow<'r, str>,
    /// The values of a route's template.
    pub path_parameters: Vec<String>,
    /// The headers of a route, without credentials.
    pub headers: Vec<(String, String)>,
    /// The endpoint's name.
    pub endpoint: Arc<str>,
    /// The absolute URL of the endpoint.
    pub base_url: Cow<'r, str>,
    /// The fields of personal data that the endpoint may show of other people.
    pub personal_data: Arc<[String]>,
    /// The caller's key record.
    pub key: i64,
    /// The caller's groups.
    pub groups: Arc<[i64]>,
    /// The caller's view levels.
    pub view_levels: Arc<[i64]>,
    /// Bits of `loggia_abi::request::flags`.
    pub flags: u32,
}

/// One started module.
pub struct Instance {
    /// Rises with every start in this process.
    pub generation: u64,
    /// The bounds of its calls.
    pub bounds: Bounds,
    core: Arc<Core>,
    pool: Lane,
    slow: Lane,
    /// By the place of the operation or route.
    patience: Vec<Patience>,
    panics: Arc<AtomicU64>,
}

/// What a running call keeps alive: library, services and state, ended together after the last call.
struct Core {
    library: Option<Library>,
    services: Option<Box<InstanceServices>>,
    state: *mut c_void,
    files: Arc<FileStore>,
}

// SAFETY: the state is used through the module's functions alone, which are for many threads by contract.
unsafe impl Send for Core {}
// SAFETY: as above.
unsafe impl Sync for Core {}

impl Core {
    fn library(&self) -> &Library {
        match &self.library {
            Some(library) => library,
            None => unreachable!("the library is taken out by `drop` alone"),
        }
    }
}

/// Ending runs the module's code and unmaps it, which must not happen on a thread that still runs in it.
impl Drop for Core {
    fn drop(&mut self) {
        if let (Some(library), Some(services)) = (self.library.take(), self.services.take()) {
            reaper::end(reaper::Ended {
                library,
                services,
                state: reaper::State(self.state),
            });
        }
    }
}

impl Instance {
    /// Starts an instance of an opened library.
    pub fn start(
        library: Library,
        services: Box<InstanceServices>,
        files: Arc<FileStore>,
        bounds: Bounds,
        panics: Arc<AtomicU64>,
    ) -> Result<Self, String> {
        static GENERATIONS: AtomicU64 = AtomicU64::new(0);
        let mut state = ptr::null_mut();
        // SAFETY: the host's table lives as long as `services`, which ends after `stop`.
        let result = unsafe { (library.table.start)(services.host(), &raw mut state) };
        if result != code::OK {
            let name = library.descriptor.module.clone();
            library.close();
            return Err(format!(
                "module {name} did not start (code {result}); its own lines in the log say why"
            ));
        }
        let name = &library.descriptor.module;
        let pool = Lane::new(name, bounds.threads, bounds.queue);
        let slow = Lane::new(&format!("{name}-slow"), bounds.threads, bounds.queue);
        let descriptor = &library.descriptor;
        let places = descriptor.operations.len() + descriptor.routes.len();
        let patience = (0..places).map(|_| Patience::default()).collect();
        let core = Arc::new(Core {
            library: Some(library),
            services: Some(services),
            state,
            files,
        });
        let generation = GENERATIONS.fetch_add(1, Ordering::Relaxed) + 1;
        Ok(Instance {
            generation,
            bounds,
            core,
            pool,
            slow,
            patience,
            panics,
        })
    }

    /// What the module says of itself.
    pub fn descriptor(&self) -> &Descriptor {
        &self.core.library().descriptor
    }

    /// How many threads are lost in calls that never ended.
    pub fn lost_threads(&self) -> usize {
        self.pool.lost() + self.slow.lost()
    }

    /// How many calls wait for a thread.
    pub fn waiting(&self) -> usize {
        self.pool.waiting() + self.slow.waiting()
    }

    /// Answers a call, on the thread of its class, within its deadline.
    pub async fn call(
        &self,
        invocation: Invocation<'_>,
        deadline: Duration,
    ) -> Result<Answer, Fault> {
        let lane = match self.class(invocation.index) {
            Class::Inline if self.may_run_here(invocation.index) => {
                return self.call_here(&invocation);
            }
            Class::Cached if self.may_run_here(invocation.index) => {
                invocation.context.forbid_waiting();
                let answer = self.call_here(&invocation);
                if !invocation.context.allow_waiting() {
                    return answer;
                }
                &self.pool
            }
            Class::Inline | Class::Cached | Class::Pool => &self.pool,
            Class::Slow => &self.slow,
        };
        self.call_in(lane, invocation.into_owned(), deadline).await
    }

    fn class(&self, index: usize) -> Class {
        let descriptor = self.descriptor();
        match descriptor.operations.get(index) {
            Some(operation) => operation.class,
            None => descriptor
                .routes
                .get(index - descriptor.operations.len())
                .map_or(Class::Pool, |r| r.class),
        }
    }

    fn may_run_here(&self, index: usize) -> bool {
        self.patience
            .get(index)
            .is_some_and(|patience| !patience.is_over())
    }

    /// Answers on the calling thread: inline operations, commands and tests.
    pub fn call_here(&self, invocation: &Invocation<'_>) -> Result<Answer, Fault> {
        let started = Instant::now();
        let answer = self
            .core
            .run(invocation, self.bounds.max_answer_bytes, &self.panics);
        if let Some(patience) = self.patience.get(invocation.index) {
            patience.note(started.elapsed());
        }
        answer
    }

    async fn call_in(
        &self,
        lane: &Lane,
        invocation: Invocation<'static>,
        deadline: Duration,
    ) -> Result<Answer, Fault> {
        let (sender, receiver) = oneshot::channel();
        let (core, panics, limit) = (
            Arc::clone(&self.core),
            Arc::clone(&self.panics),
            self.bounds.max_answer_bytes,
        );
        let withdrawal = invocation.context.withdrawal();
        let overdue = Arc::new(parking_lot::Mutex::new(Progress::Waiting));
        let running = Arc::clone(&overdue);
        let job = Box::new(move || {
            if !Progress::begin(&running) {
                return;
            }
            let answer = core.run(&invocation, limit, &panics);
            // The invocation ends before the answer leaves, so that its connection is free for the next call.
            drop(invocation);
            drop(core);
            *running.lock() = Progress::Done;
            // Nobody hears it where the caller has given up.
            let _ = sender.send(answer);
        });
        lane.submit(job).map_err(|refused| match refused {
            Refused::Full | Refused::Closed => Req::Overloaded.fault(),
        })?;
        match tokio::time::timeout(deadline, receiver).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(Req::InternalError.fault()),
            Err(_) => {
                Progress::give_up(&overdue, lane);
                withdrawal.withdraw();
                Err(Req::DeadlinePassed.fault())
            }
        }
    }

    /// Tells the module of an event; a failure is its own affair.
    pub fn event(&self, topic: &str, json: &str) {
        if let Some(event) = self.core.library().table.event {
            // SAFETY: the state is the instance's, the texts live during this call.
            let result = unsafe {
                event(
                    self.core.state,
                    ptr::null_mut(),
                    Str::new(topic),
                    Str::new(json),
                )
            };
            if result != code::OK {
                let module = &self.descriptor().module;
                tracing::warn!(module, "the event {topic} was not taken (code {result})");
            }
        }
    }

    /// Tells the module that no new calls will come.
    pub fn drain(&self) {
        if let Some(drain) = self.core.library().table.drain {
            // SAFETY: the state is the instance's.
            unsafe { drain(self.core.state) };
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // The lanes' threads end before the library is unmapped, so that what they keep in
        // thread-locals is destroyed by code that is still there.
        reaper::join(std::mem::replace(&mut self.pool, Lane::new("", 1, 1)));
        reaper::join(std::mem::replace(&mut self.slow, Lane::new("", 1, 1)));
    }
}

/// The state of a job between its thread and its caller.
enum Progress {
    Waiting,
    Begun,
    GivenUp,
    Overdue(#[expect(dead_code, reason = "held to be dropped")] super::lane::Overdue),
    Done,
}

impl Progress {
    /// Whether the job's caller still waits; a job nobody waits for is not begun.
    fn begin(this: &parking_lot::Mutex<Self>) -> bool {
        let mut state = this.lock();
        if matches!(*state, Progress::GivenUp) {
            return false;
        }
        *state = Progress::Begun;
        true
    }

    fn give_up(this: &parking_lot::Mutex<Self>, lane: &Lane) {
        let mut state = this.lock();
        match *state {
            Progress::Waiting => *state = Progress::GivenUp,
            Progress::Begun => *state = Progress::Overdue(lane.mark_overdue()),
            Progress::GivenUp | Progress::Overdue(_) | Progress::Done => {}
        }
    }
}

impl Core {
    fn run(
        &self,
        invocation: &Invocation<'_>,
        limit: usize,
        panics: &AtomicU64,
    ) -> Result<Answer, Fault> {
        let library = self.library();
        let is_route = invocation.index >= library.descriptor.operations.len();
        let mut writing = Writing::new(&library.descriptor, &self.files, limit);
        let mut reply = writing.as_abi();
        let result = super::journal::during(&library.descriptor.module, || {
            invocation.with_request(|request| {
                // SAFETY: state, request and reply live during this call.
                unsafe { (library.table.handle)(self.state, request, &raw mut reply) }
            })
        });
        if result == code::PANIC {
            panics.fetch_add(1, Ordering::Relaxed);
        }
        let status = reply.status;
        writing.finish(result, status, is_route)
    }
}

impl Invocation<'_> {
    fn into_owned(self) -> Invocation<'static> {
        let Invocation {
            index,
            values,
            context,
            facts,
        } = self;
        Invocation {
            index,
            values,
            context,
            facts: RequestFacts {
                method: Cow::Owned(facts.method.into_owned()),
                path: Cow::Owned(facts.path.into_owned()),
                query: Cow::Owned(facts.query.into_owned()),
                body_type: Cow::Owned(facts.body_type.into_owned()),
                base_url: Cow::Owned(facts.base_url.into_owned()),
                ..facts
            },
        }
    }

    fn with_request<T>(&self, function: impl FnOnce(&Request<'_>) -> T) -> T {
        let values: Vec<_> = self.values.iter().map(Bound::as_abi).collect();
        let facts = &self.facts;
        let path_parameters: Vec<Str<'_>> = facts
            .path_parameters
            .iter()
            .map(|text| Str::new(text))
            .collect();
        let headers: Vec<Pair<'_>> = facts
            .headers
            .iter()
            .map(|(name, value)| Pair {
                name: Str::new(name),
                value: Str::new(value),
            })
            .collect();
        let personal_data: Vec<Str<'_>> = facts
            .personal_data
            .iter()
            .map(|field| Str::new(field))
            .collect();
        let client_address = self
            .context
            .client_address
            .map(address_text::written)
            .unwrap_or_default();
        function(&Request {
            size: u32::try_from(size_of::<Request<'_>>()).unwrap_or(0),
            operation: u32::try_from(self.index).unwrap_or(u32::MAX),
            call: self.context.as_raw(),
            parameters: values.as_ptr(),
            parameters_len: values.len(),
            query: Str::new(&facts.query),
            body: Str::from_bytes(&facts.body),
            body_type: Str::new(&facts.body_type),
            method: Str::new(&facts.method),
            path: Str::new(&facts.path),
            path_parameters: path_parameters.as_ptr(),
            path_parameters_len: path_parameters.len(),
            headers: headers.as_ptr(),
            headers_len: headers.len(),
            request_id: Str::new(&self.context.request_id),
            endpoint: Str::new(&facts.endpoint),
            base_url: Str::new(&facts.base_url),
            client_address: Str::new(&client_address),
            user: self.context.user,
            key: facts.key,
            groups: facts.groups.as_ptr(),
            groups_len: facts.groups.len(),
            view_levels: facts.view_levels.as_ptr(),
            view_levels_len: facts.view_levels.len(),
            flags: facts.flags,
            reserved: 0,
            deadline_us: self.context.deadline.map_or(0, clock::monotonic_us),
            personal_data: personal_data.as_ptr(),
            personal_data_len: personal_data.len(),
        })
    }
}
