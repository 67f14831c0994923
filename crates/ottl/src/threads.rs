//! Many messages on several threads, in order (feature `threads`).

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::Builder;

use crate::{Call, Error, Report, RuleSet, Scratch, Status};

/// How many messages wait for each thread, and how many results wait to be taken: enough that a thread does not run
/// dry while its neighbour works on a larger message, and little memory.
const WAITING: usize = 2;

/// More threads are not started, whatever was asked for: no machine gains by them, and each costs memory.
const MOST: usize = 1024;

/// A message that was worked on.
#[derive(Debug)]
pub struct Done<M> {
    /// The message that came in.
    pub message: M,
    /// What became of it.
    pub result: Result<Status, Error>,
    /// The new message where the status is [`Status::Changed`]; else empty.
    pub out: Vec<u8>,
}

/// Runs the rules over messages on `threads` threads and hands what became of them to `sink` in the order they came in.
///
/// Messages are taken from the source on a thread of its own, and each is handed out once it and those before it are done,
/// whether the next one is there or not: so source and sink may be queues. Five messages for each thread are held at most.
/// `call` tells the signal of a message. `sink` runs on the calling thread and ends the run with [`ControlFlow::Break`], as
/// soon as the source gives its next message or ends; what was taken from the source before is then lost. To end it without a
/// loss, end the source. What happened is added to `report`, which numbers the messages of several runs on.
///
/// Where threads cannot be started, there are fewer, down to the calling one. A panic of the source, of `call` or of `sink` comes
/// out; one of a function is the error of its message.
///
/// For clients that messages bring along, for rules that are swapped meanwhile, and for OTLP/JSON see [`in_order_with`].
///
/// ```
/// use std::num::NonZeroUsize;
/// use std::ops::ControlFlow;
/// use ottl::{Report, RuleSet, Signal, Status, in_order};
///
/// let rules = RuleSet::compile("log_statements: ['set(log.severity_text, \"INFO\")']").unwrap();
/// let messages = vec![vec![0x0a, 4, 0x12, 2, 0x12, 0]; 100];
/// let (mut report, mut changed) = (Report::new(), 0);
/// in_order(&rules, NonZeroUsize::new(2).unwrap(), messages, |_| Signal::Logs.into(), &mut report, |done| {
///     changed += usize::from(matches!(done.result, Ok(Status::Changed)));
///     ControlFlow::Continue(())
/// });
/// assert_eq!((changed, report.messages()), (100, 100));
/// ```
pub fn in_order<'c, M: AsRef<[u8]> + Send>(
    rules: &RuleSet,
    threads: NonZeroUsize,
    messages: impl IntoIterator<Item = M, IntoIter: Send>,
    call: impl Fn(&M) -> Call<'c> + Sync,
    report: &mut Report,
    sink: impl FnMut(Done<M>) -> ControlFlow<()>,
) {
    let first = report.number();
    let mut next = first;
    let numbered = messages.into_iter().map(|message| {
        let number = next;
        next = next.saturating_add(1);
        (number, message)
    });
    let total = Mutex::new(&mut *report);
    let worker = || {
        let (mut scratch, mut part) = (Scratch::new(), Part { report: Report::new(), total: &total });
        let call = &call;
        move |(number, message): (u64, M)| {
            let (mut out, report) = (Vec::new(), &mut part.report);
            report.number_next(number);
            let result = rules.transform_into(call(&message), message.as_ref(), &mut scratch, &mut out, report);
            Done { message, result, out }
        }
    };
    in_order_with(threads, numbered, worker, sink);
    report.number_next(next);
}

/// What a thread counted, which is added to the report of all when the thread ends.
struct Part<'r> {
    report: Report,
    total: &'r Mutex<&'r mut Report>,
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        if let Ok(mut total) = self.total.lock() {
            total.merge(&self.report);
        }
    }
}

/// Works on messages on `threads` threads, in a way of the caller's own, and hands the results to `sink` in the order in which
/// the messages came. Source, sink, panics and the end are as with [`in_order`].
///
/// `worker` is called once on each thread, for the closure that works on its messages: this may own memory such as a
/// [`Scratch`]. It is the way where messages bring their clients along, or are OTLP/JSON, and where rules are swapped meanwhile:
///
/// ```
/// use std::num::NonZeroUsize;
/// use std::ops::ControlFlow;
/// use ottl::{Call, ClientInfo, Report, RuleSet, RuleSetHandle, Scratch, Signal, Status, in_order_with};
///
/// struct Request { signal: Signal, client: ClientInfo, body: Vec<u8> }
///
/// let text = r#"log_statements: ['set(log.attributes["from"], otelcol.client.addr)']"#;
/// let handle = RuleSetHandle::new(RuleSet::compile(text).unwrap());
/// # let of = |number: u8| Request {
/// #     signal: Signal::Logs,
/// #     client: ClientInfo { addr: Some(format!("10.0.0.{number}")), ..ClientInfo::default() },
/// #     body: vec![0x0a, 4, 0x12, 2, 0x12, 0],
/// # };
/// # let requests = (0..20).map(of);
/// let worker = || {
///     let mut scratch = Scratch::new();
///     let handle = &handle;
///     move |request: Request| {
///         // The rules in force now; a message meets one rule set as a whole.
///         let (rules, mut report, mut out) = (handle.load(), Report::new(), Vec::new());
///         let call = Call { signal: request.signal, client: Some(&request.client), cancel: None };
///         let result = rules.transform_into(call, &request.body, &mut scratch, &mut out, &mut report);
///         (request, result, out, rules, report)
///     }
/// };
/// let (mut total, mut changed) = (Report::new(), 0);
/// in_order_with(NonZeroUsize::new(2).unwrap(), requests, worker, |(request, result, out, rules, report)| {
///     // What was counted with rules that are no longer in force is not lost.
///     if let Some(before) = total.switch_to(&rules) {
///         println!("{before:?}");
///     }
///     total.merge(&report);
///     match result {
///         Ok(Status::Unchanged) => println!("{} bytes as they came", request.body.len()),
///         Ok(Status::Changed) => changed += usize::from(out.windows(8).any(|part| part.starts_with(b"10.0.0."))),
///         Ok(Status::Dropped) => {}
///         Err(error) => eprintln!("{error}"),
///     }
///     ControlFlow::Continue(())
/// });
/// assert_eq!((changed, total.messages()), (20, 20));
/// ```
pub fn in_order_with<M: Send, T: Send, W: FnMut(M) -> T>(
    threads: NonZeroUsize,
    messages: impl IntoIterator<Item = M, IntoIter: Send>,
    worker: impl Fn() -> W + Sync,
    mut sink: impl FnMut(T) -> ControlFlow<()>,
) {
    // Whoever feeds takes it: a thread of its own or, if none can be started, this one.
    let source = Mutex::new(messages.into_iter().fuse());
    let started = std::thread::scope(|scope| {
        // Messages go to the threads in turn, and results are taken from them in turn: so they stay in order.
        let (mut to_workers, mut from_workers, mut handles) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..threads.get().min(MOST) {
            let (to_worker, from_source) = sync_channel::<M>(WAITING);
            let (to_sink, from_worker) = sync_channel::<T>(WAITING);
            let worker = &worker;
            let Ok(handle) = Builder::new().spawn_scoped(scope, move || work(worker(), &from_source, &to_sink)) else {
                break;
            };
            to_workers.push(to_worker);
            from_workers.push(from_worker);
            handles.push(handle);
        }
        if to_workers.is_empty() {
            return false;
        }
        let Ok(feeder) = Builder::new().spawn_scoped(scope, || feed(&source, to_workers)) else { return false };
        // A worker whose turn it is and that has nothing more was given nothing more, and nor were those behind it.
        for from_worker in from_workers.iter().cycle() {
            let Ok(done) = from_worker.recv() else { break };
            if sink(done).is_break() {
                break;
            }
        }
        // Closing this end lets the workers finish, also those that wait for room, and so the feeder.
        drop(from_workers);
        handles.push(feeder);
        for handle in handles {
            if let Err(panic) = handle.join() {
                resume_unwind(panic);
            }
        }
        true
    });
    if !started {
        let source = source.into_inner().unwrap_or_else(PoisonError::into_inner);
        let _ = source.map(worker()).try_for_each(sink);
    }
}

/// Hands messages to the threads in turn, until there are no more or a thread is gone.
fn feed<M>(source: &Mutex<impl Iterator<Item = M>>, to_workers: Vec<SyncSender<M>>) {
    let mut source = source.lock().unwrap_or_else(PoisonError::into_inner);
    for to_worker in to_workers.iter().cycle() {
        let Some(message) = source.next() else { return };
        if to_worker.send(message).is_err() {
            return;
        }
    }
}

/// Works on a thread's messages, until there are no more or nobody takes the results.
fn work<M, T>(mut worker: impl FnMut(M) -> T, messages: &Receiver<M>, results: &SyncSender<T>) {
    for message in messages {
        if results.send(worker(message)).is_err() {
            return;
        }
    }
}
