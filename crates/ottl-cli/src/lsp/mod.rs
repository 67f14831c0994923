//! `ottl lsp`: a server of the Language Server Protocol over the library's service.
//!
//! - `wire`: messages in and out; `server`: the open documents, and the answers; `convert`: the service's data as the protocol has it;
//!   `samples`: recorded telemetry.
//!
//! INVARIANT: one thread answers, in the order of the messages; diagnostics are worked out when no message waits, so that fast typing
//! does not queue them up.
//! Deliberately elsewhere: everything about rules (`ottl::service`).

mod convert;
mod samples;
mod server;
mod wire;

use lsp_server::{Connection, ErrorCode, Message, Response};
use lsp_types::InitializeParams;
use serde_json::json;

use crate::args::LspArguments;
use crate::failure::{Failure, Status};
use crate::rules;
use server::Server;
use wire::Wire;

/// Runs the verb.
pub fn lsp(arguments: &LspArguments) -> Result<Status, Failure> {
    let compiler = rules::compiler(&arguments.rules)?;
    let samples = samples::read(arguments)?;
    let wire = Wire::open()?;
    let connection = &wire.connection;
    let failed = |error: lsp_server::ProtocolError| match error.channel_is_disconnected() {
        true => Failure::ClosedPipe,
        false => Failure::Failed(format!("the editor does not speak the protocol: {error}")),
    };
    let (id, params) = match connection.initialize_start() {
        Ok(begun) => begun,
        Err(error) if error.channel_is_disconnected() => {
            // The reason, if there is one: an editor that goes without a word has none.
            wire.close()?;
            return Err(Failure::ClosedPipe);
        }
        Err(error) => return Err(failed(error)),
    };
    let params: InitializeParams = match serde_json::from_value(params) {
        Ok(params) => params,
        Err(error) => {
            let text = format!("cannot read the parameters: {error}");
            let refused = Response::new_err(id, ErrorCode::InvalidParams as i32, text.clone());
            // That the editor is gone is said by the failure as well.
            let _ = connection.sender.send(refused.into());
            return Err(Failure::Failed(text));
        }
    };
    let mut server = Server::new(compiler, samples, &params);
    let answer = json!({
        "capabilities": server.capabilities(),
        "serverInfo": { "name": "ottl", "version": env!("CARGO_PKG_VERSION") },
    });
    connection.initialize_finish(id, answer).map_err(failed)?;
    let ended = serve(connection, &mut server)?;
    wire.close()?;
    Ok(ended)
}

/// Answers until the editor says that it ends.
fn serve(connection: &Connection, server: &mut Server) -> Result<Status, Failure> {
    let send = |message: Message| connection.sender.send(message).map_err(|_| Failure::ClosedPipe);
    loop {
        let next = match connection.receiver.try_recv() {
            Ok(message) => message,
            Err(_) => {
                for notification in server.diagnostics() {
                    send(notification.into())?;
                }
                match connection.receiver.recv() {
                    Ok(message) => message,
                    // An editor that goes without a word was killed.
                    Err(_) => return Ok(Status::Failed),
                }
            }
        };
        match next {
            Message::Request(request) => {
                match connection.handle_shutdown(&request) {
                    Ok(true) => return Ok(Status::Done),
                    Ok(false) => {}
                    Err(_) => return Ok(Status::Failed),
                }
                send(server.answer(request).into())?;
            }
            Message::Notification(notification) if notification.method == "exit" => return Ok(Status::Failed),
            Message::Notification(notification) => server.take(notification),
            // Nothing was asked of the editor.
            Message::Response(_) => {}
        }
    }
}
