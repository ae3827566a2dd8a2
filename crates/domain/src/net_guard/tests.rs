use super::*;
use proptest::prelude::*;
use std::net::{Ipv4Addr, Ipv6Addr};

fn guard(allow: &str) -> Guard {
    Guard::new(allow.parse().unwrap(), Vec::new())
}

#[test]
fn both_ends_of_every_closed_range_are_closed_and_their_neighbours_open() {
    // (range, first, last, whether the address before is open, whether the one behind is)
    let cases = [
        ("0.0.0.0", "0.255.255.255", false, true),
        ("10.0.0.0", "10.255.255.255", true, true),
        ("100.64.0.0", "100.127.255.255", true, true),
        ("127.0.0.0", "127.255.255.255", true, true),
        ("169.254.0.0", "169.254.255.255", true, true),
        ("172.16.0.0", "172.31.255.255", true, true),
        ("192.0.0.0", "192.0.0.255", true, true),
        ("192.0.2.0", "192.0.2.255", true, true),
        ("192.88.99.0", "192.88.99.255", true, true),
        ("192.168.0.0", "192.168.255.255", true, true),
        ("198.18.0.0", "198.19.255.255", true, true),
        ("198.51.100.0", "198.51.100.255", true, true),
        ("203.0.113.0", "203.0.113.255", true, true),
        ("224.0.0.0", "255.255.255.255", true, false),
        ("::", "ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false, false),
        ("64:ff9b::", "64:ff9b:ffff:ffff:ffff:ffff:ffff:ffff", false, false),
        ("100::", "100::ffff:ffff:ffff:ffff", false, true),
        ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", true, true),
        ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", true, true),
        ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true, true),
        ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", true, true),
        ("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true, true),
        ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true, true),
        ("fe80::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true, false),
        ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false, false),
    ];
    for (first, last, before_open, behind_open) in cases {
        let (first, last): (IpAddr, IpAddr) = (first.parse().unwrap(), last.parse().unwrap());
        assert!(forbidden(first).is_some(), "{first}");
        assert!(forbidden(last).is_some(), "{last}");
        let step = |ip: IpAddr, up: bool| match ip {
            IpAddr::V4(ip) => {
                let bits = ip.to_bits();
                IpAddr::from(Ipv4Addr::from_bits(if up {
                    bits.wrapping_add(1)
                } else {
                    bits.wrapping_sub(1)
                }))
            }
            IpAddr::V6(ip) => {
                let bits = ip.to_bits();
                IpAddr::from(Ipv6Addr::from_bits(if up {
                    bits.wrapping_add(1)
                } else {
                    bits.wrapping_sub(1)
                }))
            }
        };
        if before_open {
            assert_eq!(forbidden(step(first, false)), None, "before {first}");
        }
        if behind_open {
            assert_eq!(forbidden(step(last, true)), None, "behind {last}");
        }
    }
}

#[test]
fn public_addresses_are_open() {
    for ip in [
        "1.1.1.1",
        "8.8.8.8",
        "93.184.216.34",
        "2606:4700::1111",
        "2a00:1450:4001::200e",
    ] {
        assert_eq!(forbidden(ip.parse().unwrap()), None, "{ip}");
    }
}

#[test]
fn addresses_inside_addresses_are_closed() {
    for ip in [
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "::ffff:0:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2606:4700::5efe:10.0.0.1",
        "2606:4700::200:5efe:10.0.0.1",
    ] {
        assert_eq!(forbidden(ip.parse().unwrap()), Some(Forbidden::Embedded), "{ip}");
    }
}

#[test]
fn unusual_spellings_are_seen_for_what_they_are() {
    for url in [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.0.0.1/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://017700000001/",
        "http://127.0.0.1./",
        "http://①②⑦.⓪.⓪.①/",
        "http://0/",
        "http://[::]/",
        "http://[::1]/",
        "http://[::ffff:7f00:1]/",
        "http://[0:0:0:0:0:ffff:169.254.169.254]/",
        "http://169.254.169.254/latest/meta-data/",
        "https://localhost/",
        "https://LOCALHOST./",
        "https://a.b.localhost:8443/",
        "http:127.0.0.1/",
        "http:\\\\127.0.0.1\\x",
        "http://%31%32%37.0.0.1/",
    ] {
        assert_eq!(
            guard("").vet_url(url).unwrap_err().code(),
            "target_not_allowed",
            "{url}"
        );
    }
}

#[test]
fn what_is_no_target_at_all_is_refused_with_its_reason() {
    for (url, code) in [
        ("", "invalid_url"),
        ("example.com", "invalid_url"),
        ("http://", "invalid_url"),
        ("http://exa mple.com", "invalid_url"),
        ("http://example.com/\r\nHost: x", "invalid_url"),
        ("http://999.1.1.1/", "invalid_url"),
        ("http://[fe80::1%25eth0]/", "invalid_url"),
        ("ftp://example.com/", "unsupported_scheme"),
        ("file:///etc/passwd", "unsupported_scheme"),
        ("gopher://127.0.0.1:70/", "unsupported_scheme"),
        ("https://user@example.com/", "user_info_not_allowed"),
        ("https://a:b@example.com/", "user_info_not_allowed"),
        ("https://example.com:0/", "invalid_port"),
    ] {
        assert_eq!(guard("").vet_url(url).unwrap_err().code(), code, "{url}");
    }
    assert!(guard("").vet_url("https://example.com:8443/hook?a=b").is_ok());
}

#[test]
fn an_operator_can_open_ranges_and_nothing_else_opens() {
    let open = guard("127.0.0.0/8, fd00::/8,10.1.2.3");
    for url in [
        "http://127.0.0.1:9/",
        "http://[fd00::1]/",
        "http://10.1.2.3/",
        "http://localhost:9/",
        "http://[::ffff:127.0.0.1]/",
    ] {
        assert!(open.vet_url(url).is_ok(), "{url}");
    }
    for url in ["http://10.1.2.4/", "http://[::1]/", "http://192.168.0.1/"] {
        assert!(open.vet_url(url).is_err(), "{url}");
    }
}

#[test]
fn our_own_addresses_stay_closed() {
    let own = |addresses: &[&str]| {
        let own = addresses.iter().map(|address| address.parse().unwrap()).collect();
        Guard::new("127.0.0.0/8,::1".parse().unwrap(), own)
    };
    let named = own(&["127.0.0.1:8080", "93.184.216.34:443"]);
    assert_eq!(named.vet_url("http://127.0.0.1:8080/"), Err(TargetError::ThisMachine));
    assert_eq!(
        named.vet_url("http://[::ffff:127.0.0.1]:8080/"),
        Err(TargetError::ThisMachine)
    );
    assert_eq!(named.vet_url("https://93.184.216.34/"), Err(TargetError::ThisMachine));
    assert!(named.vet_url("http://127.0.0.1:8081/").is_ok());
    let everywhere = own(&["0.0.0.0:8080"]);
    assert_eq!(
        everywhere.vet_url("http://127.0.0.2:8080/"),
        Err(TargetError::ThisMachine)
    );
    assert_eq!(everywhere.vet_url("http://[::1]:8080/"), Err(TargetError::ThisMachine));
    assert!(everywhere.is_own_port(8080) && !everywhere.is_own_port(80));
}

#[test]
fn a_bad_list_says_what_is_wrong_and_what_would_be_right() {
    let error = |text: &str| text.parse::<AllowList>().unwrap_err().to_string();
    assert!(error("10.0.0.0/33").contains("0 to 32"));
    assert!(error("fd00::/129").contains("0 to 128"));
    assert!(error("10.0.0.0/8,intranet").contains("\"intranet\""));
    assert!(error("10.1.2.3/8").contains("write 10.0.0.0/8"));
    assert_eq!("".parse::<AllowList>(), Ok(AllowList::default()));
    assert_eq!(
        "10.0.0.0/8, ::1".parse::<AllowList>().unwrap().to_string(),
        "10.0.0.0/8,::1/128"
    );
}

proptest! {
    #[test]
    fn no_text_panics_and_whatever_passes_has_an_open_literal_or_a_name(text in "(http|https)?(://)?[ -~]{0,60}") {
        if let Ok(url) = guard("").vet_url(&text) {
            match url.host() {
                Some(Host::Ipv4(ip)) => prop_assert_eq!(forbidden(ip.into()), None),
                Some(Host::Ipv6(ip)) => prop_assert_eq!(forbidden(ip.into()), None),
                Some(Host::Domain(_)) => {}
                None => prop_assert!(false, "no host"),
            }
        }
    }

    #[test]
    fn every_number_spelling_is_judged_as_its_address(bits: u32) {
        let ip = Ipv4Addr::from_bits(bits);
        let open = forbidden(ip.into()).is_none();
        let [a, b, c, d] = ip.octets();
        for host in [format!("{bits}"), format!("{bits:#x}"), format!("0{a:o}.{b}.{c:#x}.{d}"), ip.to_string()] {
            prop_assert_eq!(guard("").vet_url(&format!("http://{host}/")).is_ok(), open, "{}", host);
        }
    }

    #[test]
    fn no_ipv4_address_gets_through_inside_an_ipv6_one(bits: u32, prefix: u64) {
        let v4 = Ipv4Addr::from_bits(bits);
        let low = u128::from(bits);
        let tunnels = [
            v4.to_ipv6_mapped().to_bits(),
            low,
            (0xffff_0000_u128 << 32) << 16 >> 16 | low,
            (0x0064_ff9b_u128 << 96) | low,
            (0x2002_u128 << 112) | (low << 80) | u128::from(prefix),
            (0x2001_0000_u128 << 96) | u128::from(prefix),
            (u128::from(prefix) << 64) | (0x5efe_u128 << 32) | low,
        ];
        for tunnel in tunnels {
            prop_assert!(forbidden(Ipv6Addr::from_bits(tunnel).into()).is_some());
        }
    }

    #[test]
    fn a_range_contains_what_begins_with_its_bits(bits: u128, other: u128, length in 0u8..=128) {
        let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
        let range: Cidr = format!("{}/{length}", Ipv6Addr::from_bits(bits & mask)).parse().unwrap();
        prop_assert!(range.contains(Ipv6Addr::from_bits(bits).into()));
        prop_assert_eq!(range.contains(Ipv6Addr::from_bits(other).into()), (bits ^ other) & mask == 0);
    }
}
