//! Which proxies are believed about where a request comes from.

use std::fmt;
use std::net::IpAddr;

/// All addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    base: IpAddr,
    bits: u32,
}

/// The addresses of one's own proxies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(Vec<Network>);

impl Proxies {
    /// Reads addresses and networks (`10.0.0.0/8`), with commas between them.
    pub fn parse(text: &str) -> Option<Self> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(Network::parse).collect::<Option<_>>().map(Self)
    }

    /// Whether an address is that of a proxy of ours.
    pub fn trust(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.0.iter().any(|network| network.contains(ip))
    }

    /// Where a request comes from: `peer` connected, and `forwarded` is its `X-Forwarded-For`.
    /// Each proxy appends who connected to it, so what stands to the left of the first address
    /// that is not a proxy of ours was written by strangers.
    pub fn origin(&self, peer: IpAddr, forwarded: &str) -> IpAddr {
        let mut origin = peer.to_canonical();
        for hop in forwarded.rsplit(',') {
            if !self.trust(origin) {
                break;
            }
            let Some(ip) = read_hop(hop) else { break };
            origin = ip;
        }
        origin
    }
}

/// An address as proxies write it: alone, with a port, or in brackets.
fn read_hop(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.strip_prefix('[').and_then(|rest| rest.split(']').next());
    let ip = bare.unwrap_or(hop).parse::<IpAddr>().ok();
    let with_port = || hop.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    ip.or_else(with_port).map(|ip| ip.to_canonical())
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (base, bits) = match text.split_once('/') {
            Some((base, bits)) => (base.parse::<IpAddr>().ok()?, Some(bits.parse().ok()?)),
            None => (text.parse::<IpAddr>().ok()?.to_canonical(), None),
        };
        let most = width(base);
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Self { base, bits })
    }

    fn contains(self, ip: IpAddr) -> bool {
        let shift = width(self.base) - self.bits;
        let head = |bits: u128| bits.checked_shr(shift).unwrap_or(0);
        width(ip) == width(self.base) && head(number(ip)) == head(number(self.base))
    }
}

fn width(ip: IpAddr) -> u32 {
    if ip.is_ipv4() { u32::BITS } else { u128::BITS }
}

fn number(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => u128::from(ip.to_bits()),
        IpAddr::V6(ip) => ip.to_bits(),
    }
}

impl fmt::Display for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("(none)");
        }
        for (place, network) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(f, "{comma}{}/{}", network.base, network.bits)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(proxies: &str, peer: &str, forwarded: &str) -> Option<String> {
        let origin = Proxies::parse(proxies)?.origin(peer.parse().ok()?, forwarded);
        Some(origin.to_string())
    }

    #[test]
    fn only_what_proxies_of_ours_wrote_counts() {
        let ours = "127.0.0.1, 10.0.0.0/8, fd00::/8";
        for (peer, forwarded, expected) in [
            ("127.0.0.1", "", "127.0.0.1"),
            ("192.0.2.1", "198.51.100.1", "192.0.2.1"),
            ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("127.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
            ("127.0.0.1", "1.1.1.1, 198.51.100.1, 10.3.2.1", "198.51.100.1"),
            ("::ffff:127.0.0.1", "2001:db8::1", "2001:db8::1"),
            ("fd00::1", "[2001:db8::1]:443", "2001:db8::1"),
            ("127.0.0.1", "198.51.100.1:9999", "198.51.100.1"),
            ("127.0.0.1", "nonsense", "127.0.0.1"),
            ("127.0.0.1", "198.51.100.1, unknown, 10.0.0.1", "10.0.0.1"),
        ] {
            assert_eq!(origin(ours, peer, forwarded).as_deref(), Some(expected), "{forwarded}");
        }
        assert_eq!(origin("", "127.0.0.1", "1.1.1.1").as_deref(), Some("127.0.0.1"));
        assert_eq!(origin("0.0.0.0/0", "9.9.9.9", "1.1.1.1").as_deref(), Some("1.1.1.1"));
    }

    #[test]
    fn networks_are_written_with_their_length() {
        for bad in ["x", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0", "10.0.0.0/-1"] {
            assert!(Proxies::parse(bad).is_none(), "{bad}");
        }
        let shown = Proxies::parse("10.0.0.0/8,::1").map(|it| it.to_string());
        assert_eq!(shown.as_deref(), Some("10.0.0.0/8,::1/128"));
    }
}
