//! Requests out of sockets of the loopback interface, and answers into them.

use std::net::Ipv4Addr;

use tiny_http::{Header, Request, Response, Server};

use super::answer::{Answer, Asked, Site};
use crate::failure::{Failure, Status};

/// A server that has its port.
pub struct Bound {
    server: Server,
    pub port: u16,
}

/// Takes a port of the loopback interface; 0 is any free one.
///
/// # Errors
/// It is taken.
pub fn bind(port: u16) -> Result<Bound, Failure> {
    let failed =
        |error: &dyn std::fmt::Display| Failure::Failed(format!("port {port} of 127.0.0.1 cannot be had: {error}"));
    let server = Server::http((Ipv4Addr::LOCALHOST, port)).map_err(|error| failed(&error))?;
    let port = server.server_addr().to_ip().map(|address| address.port());
    let port = port.ok_or_else(|| failed(&"it has no address"))?;
    Ok(Bound { server, port })
}

impl Bound {
    /// Answers until the process is interrupted.
    ///
    /// # Errors
    /// No more requests can be taken.
    pub fn run(self, site: &Site) -> Result<Status, Failure> {
        loop {
            let request = self.server.recv().map_err(|error| Failure::read("the socket", error))?;
            let answer = site.answer(asked(&request));
            // Who went away gets no answer, and that is no failure of the others.
            drop(request.respond(response(answer)));
        }
    }
}

fn asked(request: &Request) -> Asked<'_> {
    let header = |name: &'static str| {
        request.headers().iter().find(|header| header.field.equiv(name)).map(|header| header.value.as_str())
    };
    let accepts_gzip = header("Accept-Encoding").is_some_and(|list| {
        list.split(',').any(|item| item.split(';').next().is_some_and(|name| name.trim() == "gzip"))
    });
    Asked { method: request.method().as_str(), target: request.url(), host: header("Host"), accepts_gzip }
}

fn response(answer: Answer<'_>) -> Response<std::io::Cursor<Vec<u8>>> {
    let headers = answer.headers.iter().filter_map(|(name, value)| Header::from_bytes(*name, *value).ok());
    let response = Response::from_data(answer.body.into_owned()).with_status_code(answer.status);
    // The length is known.
    let response = response.with_chunked_threshold(usize::MAX);
    headers.fold(response, Response::with_header)
}
