//! What keeps requests out of private networks.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// A host without any public address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is in a private network")]
pub(super) struct Private(pub(super) String);

/// The hosts that the operator configured.
#[derive(Debug, Default)]
pub(super) struct Hosts(BTreeSet<String>);

impl Hosts {
    pub(super) fn of<'a>(urls: impl IntoIterator<Item = &'a Url>) -> Self {
        Self(urls.into_iter().filter_map(Url::host_str).map(str::to_owned).collect())
    }

    /// Refuses addresses that are neither public nor configured. Names are looked at when they
    /// are resolved.
    pub(super) fn check(&self, url: &Url) -> Result<(), Private> {
        let is_public = match url.host() {
            Some(Host::Ipv4(ip)) => is_public(ip.into()),
            Some(Host::Ipv6(ip)) => is_public(ip.into()),
            Some(Host::Domain(_)) | None => true,
        };
        let host = url.host_str().unwrap_or_default();
        if is_public || self.0.contains(host) { Ok(()) } else { Err(Private(host.to_owned())) }
    }
}

/// Resolves names to what may be connected to. The connection is made to just these addresses, so
/// a name that changes its mind in between gains nothing.
pub(super) struct Guard(pub(super) Arc<Hosts>);

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_ascii_lowercase();
        let is_configured = self.0.0.contains(&name);
        Box::pin(async move {
            // The port is put in by whoever connects.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> =
                found.filter(|address| is_configured || is_public(address.ip())).collect();
            if allowed.is_empty() {
                return Err(Private(name).into());
            }
            let addresses: Addrs = Box::new(allowed.into_iter());
            Ok(addresses)
        })
    }
}

/// Whether a URL means this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.to_canonical().is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// Whether an address is one of the public Internet (the IANA registries of special-purpose
/// addresses, RFC 6890).
pub(super) fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let special = match ip.octets() {
        // This network, loopback, and what is reserved, multicast and broadcast included; shared
        // by the customers of a provider (RFC 6598); protocol assignments, relays of 6to4,
        // measurements (RFC 6890, 7526, 2544).
        [0 | 127 | 224..=255, ..]
        | [100, 64..=127, ..]
        | [192, 0, 0, _]
        | [192, 88, 99, _]
        | [198, 18 | 19, ..] => true,
        _ => ip.is_private() || ip.is_link_local() || ip.is_documentation(),
    };
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << u16::BITS) | u32::from(low));
    match ip.segments() {
        // Translated to IPv4 by the network (RFC 6052), or 6to4 with the IPv4 address of its router
        // (RFC 3056).
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            is_public_v4(v4(high, low))
        }
        // Teredo and other protocol assignments, documentation (RFC 2928, 3849, 9637).
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // Global unicast (RFC 4291); what lies outside is local, multicast or not assigned.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_addresses() {
        for ip in [
            "8.8.8.8",
            "100.63.255.255",
            "172.32.0.1",
            "2001:4860:4860::8888",
            "2620:fe::9",
            "64:ff9b::808:808",
            "2002:808:808::1",
            "::ffff:8.8.8.8",
        ] {
            assert_eq!(ip.parse().map(is_public), Ok(true), "{ip}");
        }
    }

    #[test]
    fn private_addresses_in_all_their_clothes() {
        for ip in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:a00:1::1",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert_eq!(ip.parse().map(is_public), Ok(false), "{ip}");
        }
    }

    #[test]
    fn addresses_in_urls_are_read_as_browsers_read_them() -> Result<(), url::ParseError> {
        let configured = Url::parse("http://10.0.0.1:81/x")?;
        let hosts = Hosts::of([&configured]);
        for url in ["http://10.0.0.1/", "https://8.8.8.8", "https://[2620:fe::9]", "http://name/"] {
            assert_eq!(hosts.check(&Url::parse(url)?), Ok(()), "{url}");
        }
        for url in ["http://10.0.0.2", "http://2130706433", "http://0x7f.1", "http://[::1]"] {
            assert!(hosts.check(&Url::parse(url)?).is_err(), "{url}");
        }
        Ok(())
    }
}
