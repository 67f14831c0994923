//! The statements on resources, and what records take from theirs.

use ottl_otlp::wire::{begin_len, end_len, put_len_field};

use super::super::walk::{Pairs, field};
use super::scan::{self, Parts, parts, text_of};
use super::texts::cut;

/// The tag of an attribute of a resource.
const ATTRIBUTE: u8 = 0x0a;

/// What keys begin with that are deleted.
const SDK: &[u8] = b"telemetry.sdk.";

/// Puts the attribute `key` with this encoded value as a field of this tag.
fn put_pair(out: &mut Vec<u8>, tag: u8, key: &[u8], any: &[u8]) {
    let len = key.len() + any.len() + 4;
    if len < 0x80 {
        out.extend_from_slice(&[tag, len as u8, 0x0a, key.len() as u8]);
        out.extend_from_slice(key);
        out.extend_from_slice(&[0x12, any.len() as u8]);
        out.extend_from_slice(any);
        return;
    }
    let mark = begin_len(out, u32::from(tag >> 3), len);
    put_len_field(out, 1, key);
    put_len_field(out, 2, any);
    end_len(out, mark);
}

/// Writes the resource, and into `behind` what its records get behind their attributes: `env` and `team`,
/// which end where it says.
pub fn resource(resource: &[u8], pairs: &mut Pairs, out: &mut Vec<u8>, behind: &mut Vec<u8>) -> Option<(usize, usize)> {
    pairs.clear();
    let (mut region, mut of_service, mut of_pod, mut pid) = (None, None, None, None);
    let (mut environment, mut service, mut named, mut sdk) = (None, None, false, false);
    let mut at = 0;
    while resource.get(at) == Some(&ATTRIBUTE) {
        let Parts { key, key_end, value, end, .. } = parts::<ATTRIBUTE>(resource, at)?;
        let (key, any) = (&resource[key..key_end], &resource[value..end]);
        match key.len() {
            12 if key == b"cloud.region" => region = region.or(Some(any)),
            12 if key == b"service.name" => service = service.or(Some(any)),
            11 if key == b"process.pid" => pid = pid.or(Some(pairs.len())),
            16 if key == b"k8s.cluster.name" => named = true,
            17 if key == b"service.namespace" => of_service = of_service.or(Some(any)),
            18 if key == b"k8s.namespace.name" => of_pod = of_pod.or(Some(any)),
            22 if key == b"deployment.environment" => environment = environment.or(Some(any)),
            _ => sdk |= key.starts_with(SDK),
        }
        pairs.push(at, end)?;
        at = end;
    }
    // Attributes come first, and none stands behind other fields.
    let mut rest = at;
    while let Some(part) = field(resource, rest).filter(|part| part.tag != ATTRIBUTE) {
        rest = part.end;
    }
    if rest != resource.len() {
        return None;
    }

    // What is added is told from what is there by its place.
    let behind_all = resource.len() + 1;
    behind.clear();
    let cluster = match region {
        Some(b"\x0a\x0ceu-central-1") => Some(b"\x0a\x04eu-1"),
        Some(b"\x0a\x09us-east-1") => Some(b"\x0a\x04us-1"),
        _ => None,
    };
    if let Some(cluster) = cluster {
        if named {
            return None;
        }
        put_pair(behind, ATTRIBUTE, b"k8s.cluster.name", cluster);
        pairs.push(behind_all, behind_all + behind.len())?;
    }
    match of_service {
        None => {
            if let Some(any) = of_pod.filter(|any| !any.is_empty()) {
                let start = behind_all + behind.len();
                put_pair(behind, ATTRIBUTE, b"service.namespace", any);
                pairs.push(start, behind_all + behind.len())?;
            }
        }
        Some([]) => return None,
        Some(_) => {}
    }
    if let Some(pid) = pid {
        pairs.swap_remove(pid);
    }
    if sdk {
        let is_sdk = |start| {
            let Parts { key, key_end, .. } = parts::<ATTRIBUTE>(resource, start).unwrap_or_default();
            resource[key..key_end].starts_with(SDK)
        };
        pairs.retain(|start, _| start >= behind_all || !is_sdk(start));
    }
    let mark = begin_len(out, 1, resource.len());
    pairs.runs(|start, end| match start.checked_sub(behind_all) {
        Some(start) => out.extend_from_slice(&behind[start..end - behind_all]),
        None => out.extend_from_slice(&resource[start..end]),
    });
    out.extend_from_slice(&resource[at..]);
    end_len(out, mark);

    behind.clear();
    if let Some(any) = environment.filter(|any| !any.is_empty()) {
        match text_of(any, 0, any.len()).map(|start| &any[start..]) {
            Some(text) if cut(text) < text.len() => {
                let mut any = Vec::new();
                put_len_field(&mut any, 1, &text[..cut(text)]);
                put_pair(behind, scan::ATTRIBUTE, b"env", &any);
            }
            _ => put_pair(behind, scan::ATTRIBUTE, b"env", any),
        }
    }
    let env = behind.len();
    if matches!(service, Some(b"\x0a\x07payment" | b"\x0a\x08checkout")) {
        put_pair(behind, scan::ATTRIBUTE, b"team", b"\x0a\x08payments");
    }
    let team = behind.len();
    // What is copied in steps goes beyond.
    behind.resize(team + 32, 0);
    Some((env, team))
}
