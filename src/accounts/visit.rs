//! Where a request comes from and when it came: what limits count by, and what events remember.

use std::net::{IpAddr, Ipv6Addr};

use crate::time::{self, Time};

/// As much of a `User-Agent` as is kept; those of browsers have about 120 characters.
const LONGEST_AGENT: usize = 300;
/// The part of an IPv6 address that tells customers apart: each gets at least a /64.
const IPV6_NETWORK: u32 = 64;

/// Where a request comes from and when it came.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The address of the client; none where the operator runs a command.
    pub ip: Option<IpAddr>,
    /// What the client calls itself.
    pub agent: Option<String>,
    /// When it came.
    pub at: Time,
}

impl Visit {
    /// A request over the network. Of the agent only printable characters are kept, and not
    /// more than 300 of them.
    pub fn new(ip: IpAddr, agent: Option<&str>, at: Time) -> Self {
        let clean = |text: &str| {
            text.chars().filter(|c| !c.is_control()).take(LONGEST_AGENT).collect::<String>()
        };
        let agent = agent.map(clean).filter(|text| !text.is_empty());
        Self { ip: Some(ip.to_canonical()), agent, at }
    }

    /// A command of the operator.
    pub fn operator() -> Self {
        Self { ip: None, agent: None, at: time::now() }
    }

    /// The address as text.
    pub fn ip_text(&self) -> Option<String> {
        self.ip.map(|ip| ip.to_string())
    }

    /// Equal for all addresses that one customer has.
    pub fn network(&self) -> Option<IpAddr> {
        self.ip.map(|ip| match ip {
            IpAddr::V4(_) => ip,
            IpAddr::V6(ip) => {
                let kept = ip.to_bits() >> (Ipv6Addr::BITS - IPV6_NETWORK);
                Ipv6Addr::from_bits(kept << (Ipv6Addr::BITS - IPV6_NETWORK)).into()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Option<String> {
        let visit = Visit::new(text.parse().ok()?, None, time::now());
        visit.network().map(|ip| ip.to_string())
    }

    #[test]
    fn one_customer_is_one_network() {
        for (ip, expected) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2::1", "2001:db8:1:2::"),
            ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ] {
            assert_eq!(network(ip).as_deref(), Some(expected), "{ip}");
        }
    }

    #[test]
    fn agents_are_cut_and_cleaned() {
        let agent =
            |text: &str| Visit::new(IpAddr::from([127, 0, 0, 1]), Some(text), time::now()).agent;
        assert_eq!(agent("a\r\n\0b").as_deref(), Some("ab"));
        let long = "x".repeat(9999);
        assert_eq!(agent(&long).map(|it| it.len()), Some(LONGEST_AGENT));
        assert_eq!(agent("\n"), None);
    }
}
