//! A line between the index and what it needs, which can be cut or go dead.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

/// What the line does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// It passes everything on.
    Up,
    /// It breaks every connection.
    Cut,
    /// It passes nothing on and breaks nothing: what is behind it is frozen.
    Dead,
}

/// Passes connections on to a server.
pub struct Relay {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    line: Mutex<(Line, Vec<TcpStream>)>,
    changed: Condvar,
}

impl Relay {
    /// A line to that address, which is up.
    pub fn to(behind: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let line = Mutex::new((Line::Up, Vec::new()));
        let state = Arc::new(State { line, changed: Condvar::new() });
        let known = state.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(behind) else { continue };
                known.connect(&client, &server);
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let state = known.clone();
                    std::thread::spawn(move || state.pass(from, to));
                }
            }
        });
        Self { address, state }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes what the line does, also with connections that are open.
    pub fn set(&self, line: Line) {
        let mut state = self.state.lock();
        state.0 = line;
        if line == Line::Cut {
            for stream in state.1.drain(..) {
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
        self.state.changed.notify_all();
    }
}

impl State {
    fn lock(&self) -> MutexGuard<'_, (Line, Vec<TcpStream>)> {
        self.line.lock().unwrap()
    }

    fn connect(&self, client: &TcpStream, server: &TcpStream) {
        let mut state = self.lock();
        for stream in [client, server] {
            if state.0 == Line::Cut {
                let _ = stream.shutdown(Shutdown::Both);
            } else {
                state.1.push(stream.try_clone().unwrap());
            }
        }
    }

    fn pass(&self, mut from: TcpStream, mut to: TcpStream) {
        let mut buffer = [0; 64 * 1024];
        while let Ok(count) = from.read(&mut buffer) {
            let state = self.lock();
            let alive = |state: &mut (Line, Vec<TcpStream>)| state.0 == Line::Dead;
            drop(self.changed.wait_while(state, alive).unwrap());
            if count == 0 || to.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
        let _ = from.shutdown(Shutdown::Both);
    }
}
