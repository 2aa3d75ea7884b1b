//! What the server accepts connections from: an address, a Unix socket, or a socket that the
//! service manager has opened for it.

use std::fmt;
use std::net::{SocketAddr, TcpListener};
#[cfg(unix)]
use std::os::unix::net::UnixListener;
use std::path::Path;

use listenfd::ListenFd;

use crate::config::{Listen, PublicUrl};
use crate::error::{Doing, Error, Result};

/// Who may connect to a Unix socket: its owner and its group, such as that of a proxy.
#[cfg(unix)]
const MODE: u32 = 0o660;

/// A socket that is open, and its name.
pub(super) enum Listener {
    Tcp(TcpListener, SocketAddr),
    #[cfg(unix)]
    Unix(UnixListener, Listen),
}

impl Listener {
    /// Takes the socket that the service manager has opened (`LISTEN_FDS`), or opens one.
    pub(super) fn open(wanted: &Listen) -> Result<Self> {
        if let Some(handed) = handed_over()? {
            return Ok(handed);
        }
        let doing = || format!("listening on {wanted}");
        match wanted {
            Listen::Address(address) => Self::tcp(TcpListener::bind(address).doing(doing)?),
            #[cfg(unix)]
            Listen::Socket(path) => {
                let listener = bind(path).map_err(|error| Error::internal(doing(), error))?;
                Ok(Self::Unix(listener, wanted.clone()))
            }
            #[cfg(not(unix))]
            Listen::Socket(_) => Err(Error::internal(doing(), "this system has no such sockets")),
        }
    }

    fn tcp(listener: TcpListener) -> Result<Self> {
        let address = listener.local_addr().doing(|| "listening".to_owned())?;
        Ok(Self::Tcp(listener, address))
    }

    /// The URL of the index where nobody configured another.
    pub(super) fn url(&self, is_tls: bool) -> PublicUrl {
        match self {
            Self::Tcp(_, address) => Listen::Address(*address).url(is_tls),
            #[cfg(unix)]
            Self::Unix(_, name) => name.url(is_tls),
        }
    }

    /// Whether it can be served with TLS.
    pub(super) fn speaks_tls(&self) -> bool {
        matches!(self, Self::Tcp(..))
    }

    /// Whether only this machine can connect.
    pub(super) fn is_local(&self) -> bool {
        match self {
            Self::Tcp(_, address) => address.ip().is_loopback(),
            #[cfg(unix)]
            Self::Unix(..) => true,
        }
    }
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(_, address) => address.fmt(f),
            #[cfg(unix)]
            Self::Unix(_, name) => name.fmt(f),
        }
    }
}

/// The socket that the service manager has opened, if it has
/// (<https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html>).
fn handed_over() -> Result<Option<Listener>> {
    let doing = || "taking the socket of the service manager".to_owned();
    let mut handed = ListenFd::from_env();
    match handed.len() {
        0 => return Ok(None),
        1 => {}
        many => {
            let words = format!("it hands over {many} sockets, and one is served");
            return Err(Error::internal(doing(), words));
        }
    }
    #[cfg(unix)]
    if let Ok(Some(listener)) = handed.take_unix_listener(0) {
        let address = listener.local_addr().doing(doing)?;
        let path = address.as_pathname().unwrap_or_else(|| Path::new("(nameless)"));
        return Ok(Some(Listener::Unix(listener, Listen::Socket(path.to_owned()))));
    }
    match handed.take_tcp_listener(0).doing(doing)? {
        Some(listener) => Listener::tcp(listener).map(Some),
        None => Ok(None),
    }
}

/// Opens a Unix socket. One that a process left when it died is taken over; nothing else is.
#[cfg(unix)]
fn bind(path: &Path) -> std::io::Result<UnixListener> {
    use std::fs::{Permissions, metadata, remove_file, set_permissions};
    use std::io::{Error, ErrorKind};
    use std::os::unix::fs::{FileTypeExt, PermissionsExt};
    use std::os::unix::net::UnixStream;

    match metadata(path) {
        Ok(found) if !found.file_type().is_socket() => {
            return Err(Error::other("there is a file of that name, which is no socket"));
        }
        Ok(_) if UnixStream::connect(path).is_ok() => {
            return Err(Error::from(ErrorKind::AddrInUse));
        }
        Ok(_) => remove_file(path)?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let listener = UnixListener::bind(path)?;
    set_permissions(path, Permissions::from_mode(MODE))?;
    Ok(listener)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_taken_over_only_where_nobody_listens() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("x.sock");
        let first = bind(&path)?;
        assert!(bind(&path).is_err());
        drop(first);
        drop(bind(&path)?);
        let file = folder.path().join("x");
        std::fs::write(&file, "mine")?;
        assert!(bind(&file).is_err());
        assert_eq!(std::fs::read_to_string(&file)?, "mine");
        Ok(())
    }
}
