//! The ranges that are closed.

use super::Cidr;
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Why a range is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forbidden {
    /// Of this machine.
    Loopback,
    /// Of a private network, carrier-grade NAT included.
    Private,
    /// Of one network segment; cloud metadata services live here.
    LinkLocal,
    /// For many receivers.
    Multicast,
    /// Another address inside: mapped, translated, tunnelled.
    Embedded,
    /// Set aside: documentation, tests, the future.
    Reserved,
}

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loopback => "loopback",
            Self::Private => "private network",
            Self::LinkLocal => "link-local",
            Self::Multicast => "multicast",
            Self::Embedded => "an IPv4 address inside an IPv6 one",
            Self::Reserved => "reserved range",
        })
    }
}

const fn v4(a: u8, b: u8, c: u8, length: u8, why: Forbidden) -> (Cidr, Forbidden) {
    (Cidr::of(IpAddr::V4(Ipv4Addr::new(a, b, c, 0)), length), why)
}

const fn v6(a: u16, b: u16, c: u16, d: u16, length: u8, why: Forbidden) -> (Cidr, Forbidden) {
    (Cidr::of(IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0)), length), why)
}

/// Every closed range; the first that fits names the reason.
const RANGES: &[(Cidr, Forbidden)] = &[
    v4(0, 0, 0, 8, Forbidden::Reserved),
    v4(10, 0, 0, 8, Forbidden::Private),
    v4(100, 64, 0, 10, Forbidden::Private),
    v4(127, 0, 0, 8, Forbidden::Loopback),
    v4(169, 254, 0, 16, Forbidden::LinkLocal),
    v4(172, 16, 0, 12, Forbidden::Private),
    v4(192, 0, 0, 24, Forbidden::Reserved),
    v4(192, 0, 2, 24, Forbidden::Reserved),
    v4(192, 88, 99, 24, Forbidden::Embedded),
    v4(192, 168, 0, 16, Forbidden::Private),
    v4(198, 18, 0, 15, Forbidden::Reserved),
    v4(198, 51, 100, 24, Forbidden::Reserved),
    v4(203, 0, 113, 24, Forbidden::Reserved),
    v4(224, 0, 0, 4, Forbidden::Multicast),
    v4(240, 0, 0, 4, Forbidden::Reserved),
    // ::1, then all of ::/8: unspecified, mapped, compatible, translated.
    (Cidr::of(IpAddr::V6(Ipv6Addr::LOCALHOST), 128), Forbidden::Loopback),
    (Cidr::of(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 128), Forbidden::Reserved),
    v6(0, 0, 0, 0, 8, Forbidden::Embedded),
    // NAT64, the well-known prefix and the local one.
    v6(0x64, 0xff9b, 0, 0, 32, Forbidden::Embedded),
    v6(0x100, 0, 0, 0, 64, Forbidden::Reserved),
    // Teredo, then the rest of the protocol assignments.
    v6(0x2001, 0, 0, 0, 32, Forbidden::Embedded),
    v6(0x2001, 0, 0, 0, 23, Forbidden::Reserved),
    v6(0x2001, 0xdb8, 0, 0, 32, Forbidden::Reserved),
    // 6to4.
    v6(0x2002, 0, 0, 0, 16, Forbidden::Embedded),
    v6(0x3fff, 0, 0, 0, 20, Forbidden::Reserved),
    v6(0x5f00, 0, 0, 0, 16, Forbidden::Reserved),
    v6(0xfc00, 0, 0, 0, 7, Forbidden::Private),
    v6(0xfe80, 0, 0, 0, 10, Forbidden::LinkLocal),
    v6(0xfec0, 0, 0, 0, 10, Forbidden::Private),
    v6(0xff00, 0, 0, 0, 8, Forbidden::Multicast),
];

/// Why the address is closed, if it is.
pub fn forbidden(ip: IpAddr) -> Option<Forbidden> {
    let of_range = RANGES.iter().find(|(range, _)| range.contains(ip)).map(|(_, why)| *why);
    of_range.or_else(|| is_isatap(ip).then_some(Forbidden::Embedded))
}

/// ISATAP puts an IPv4 address behind the interface identifier `[0200:|0000:]5efe`, under any prefix.
fn is_isatap(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(_) => false,
        IpAddr::V6(ip) => {
            let segments = ip.segments();
            // The bit 0x0200 says whether the IPv4 address is unique in the world.
            segments[4] & !0x0200 == 0 && segments[5] == 0x5efe
        }
    }
}
