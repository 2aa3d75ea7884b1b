//! A server of the DNS on this machine (RFC 1035), over UDP.

use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};

const NO_ERROR: u8 = 0;
const SERVER_FAILURE: u8 = 2;
const NO_SUCH_NAME: u8 = 3;

/// What the server knows of a name.
#[derive(Debug, Clone)]
pub enum Known {
    /// These records; of other kinds it has none.
    Records(Vec<Record>),
    /// Nothing: the server fails.
    Failing,
    /// Nothing, and it does not even say so.
    Silent,
}

/// A record.
#[derive(Debug, Clone)]
pub enum Record {
    Mx(&'static str),
    A(Ipv4Addr),
    Aaaa(Ipv6Addr),
}

impl Record {
    /// Its number and its data.
    fn encode(&self) -> (u16, Vec<u8>) {
        match self {
            Self::A(ip) => (1, ip.octets().to_vec()),
            Self::Aaaa(ip) => (28, ip.octets().to_vec()),
            Self::Mx(host) => {
                let mut data = vec![0, 10];
                for label in host.split('.').filter(|label| !label.is_empty()) {
                    data.push(u8::try_from(label.len()).unwrap());
                    data.extend_from_slice(label.as_bytes());
                }
                data.push(0);
                (15, data)
            }
        }
    }
}

/// The server. Names that nobody spoke of do not exist.
pub struct DnsServer {
    address: SocketAddr,
    known: Arc<Mutex<HashMap<String, Known>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl DnsServer {
    pub fn start() -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = socket.local_addr().unwrap();
        let known = Arc::<Mutex<HashMap<String, Known>>>::default();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let (answers, questions) = (known.clone(), asked.clone());
        std::thread::spawn(move || {
            let mut buffer = [0; 512];
            while let Ok((length, peer)) = socket.recv_from(&mut buffer) {
                // The empty message is how the server is told to end.
                let Some((name, kind, end)) = question(&buffer[..length]) else { break };
                questions.lock().unwrap().push(name.clone());
                let known = answers.lock().unwrap().get(&name).cloned();
                if let Some(reply) = reply(&buffer[..end], kind, known) {
                    let _ = socket.send_to(&reply, peer);
                }
            }
        });
        Self { address, known, asked }
    }

    /// What `domains.dns_server` is set to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Tells it about a name.
    pub fn knows(&self, name: &str, known: Known) {
        self.known.lock().unwrap().insert(name.to_owned(), known);
    }

    /// Lets a name no longer exist.
    pub fn forget(&self, name: &str) {
        self.known.lock().unwrap().remove(name);
    }

    /// How many questions about a name came; a look-up is up to three.
    pub fn asked_about(&self, name: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| *asked == name).count()
    }
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let _ = socket.send_to(&[], self.address);
    }
}

/// Name and kind of the one question of a message, and where the question ends.
fn question(message: &[u8]) -> Option<(String, u16, usize)> {
    let mut at = 12;
    let mut labels = Vec::new();
    loop {
        let length = usize::from(*message.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        labels.push(std::str::from_utf8(message.get(at..at + length)?).ok()?);
        at += length;
    }
    let kind = u16::from_be_bytes(message.get(at..at + 2)?.try_into().ok()?);
    Some((labels.join(".").to_ascii_lowercase(), kind, at + 4))
}

fn reply(question: &[u8], kind: u16, known: Option<Known>) -> Option<Vec<u8>> {
    let (code, records) = match known {
        Some(Known::Silent) => return None,
        Some(Known::Failing) => (SERVER_FAILURE, Vec::new()),
        Some(Known::Records(records)) => (NO_ERROR, records),
        None => (NO_SUCH_NAME, Vec::new()),
    };
    let records: Vec<_> =
        records.iter().map(Record::encode).filter(|(number, _)| *number == kind).collect();
    let mut bytes = question.to_vec();
    // An answer to a question that wanted recursion, and had it.
    bytes[2..4].copy_from_slice(&[0x81, 0x80 | code]);
    let count = u16::try_from(records.len()).unwrap().to_be_bytes();
    bytes[4..12].copy_from_slice(&[0, 1, count[0], count[1], 0, 0, 0, 0]);
    for (number, data) in records {
        // The name of the question, of the Internet, good for a minute.
        bytes.extend_from_slice(&[0xc0, 12]);
        bytes.extend_from_slice(&number.to_be_bytes());
        bytes.extend_from_slice(&[0, 1, 0, 0, 0, 60]);
        bytes.extend_from_slice(&u16::try_from(data.len()).unwrap().to_be_bytes());
        bytes.extend_from_slice(&data);
    }
    Some(bytes)
}
