//! Exceptions: ranges that an operator opens.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// A range of addresses: those that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr {
    network: IpAddr,
    length: u8,
}

/// The text is not a range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not a range of addresses: {why}")]
pub struct CidrError {
    text: String,
    why: String,
}

impl Cidr {
    /// A range that is known to be right; only for constants, see [`FromStr`] for what people write.
    pub(super) const fn of(network: IpAddr, length: u8) -> Self {
        Self { network, length }
    }

    /// Whether the address is in the range. An IPv4 range does not contain the IPv6 spelling of its addresses.
    pub fn contains(&self, ip: IpAddr) -> bool {
        match (self.network, ip) {
            (IpAddr::V4(network), IpAddr::V4(ip)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.length)).unwrap_or(0);
                network.to_bits() & mask == ip.to_bits() & mask
            }
            (IpAddr::V6(network), IpAddr::V6(ip)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.length)).unwrap_or(0);
                network.to_bits() & mask == ip.to_bits() & mask
            }
            _ => false,
        }
    }
}

impl FromStr for Cidr {
    type Err = CidrError;

    /// Reads `10.1.0.0/16`, `fd00::/8`, or one address alone.
    fn from_str(text: &str) -> Result<Self, CidrError> {
        let error = |why: String| CidrError {
            text: text.chars().take(60).collect(),
            why,
        };
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let network: IpAddr = address
            .parse()
            .map_err(|_| error("it does not begin with an IP address, as in 10.1.0.0/16 or fd00::/8".to_owned()))?;
        let bits = if network.is_ipv4() { 32 } else { 128 };
        let length = match length {
            None => bits,
            Some(length) => length
                .parse()
                .ok()
                .filter(|length| *length <= bits)
                .ok_or_else(|| error(format!("behind the slash a number from 0 to {bits} is expected")))?,
        };
        let first = Self { network, length }.first();
        if first != network {
            return Err(error(format!("bits are set behind the prefix; write {first}/{length}")));
        }
        Ok(Self { network, length })
    }
}

impl Cidr {
    fn first(self) -> IpAddr {
        match self.network {
            IpAddr::V4(ip) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.length)).unwrap_or(0);
                Ipv4Addr::from_bits(ip.to_bits() & mask).into()
            }
            IpAddr::V6(ip) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.length)).unwrap_or(0);
                Ipv6Addr::from_bits(ip.to_bits() & mask).into()
            }
        }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.length)
    }
}

/// The ranges that an operator opens, from `SCHED_ALLOW_PRIVATE_TARGETS`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowList(Vec<Cidr>);

impl AllowList {
    /// Whether the address is opened; an IPv6 spelling of an IPv4 address counts as that one.
    pub fn contains(&self, ip: IpAddr) -> bool {
        let plain = ip.to_canonical();
        self.0.iter().any(|range| range.contains(ip) || range.contains(plain))
    }

    /// Whether an address of this machine is opened, so that `localhost` may be asked for.
    pub fn opens_loopback(&self) -> bool {
        self.contains(Ipv4Addr::LOCALHOST.into()) || self.contains(Ipv6Addr::LOCALHOST.into())
    }
}

impl FromStr for AllowList {
    type Err = CidrError;

    /// Reads ranges separated by commas; empty text opens nothing.
    fn from_str(text: &str) -> Result<Self, CidrError> {
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl fmt::Display for AllowList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ranges: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&ranges.join(","))
    }
}
