//! The statements on resources, and what records take from theirs.

use ottl_otlp::wire::{begin_len, end_len, put_len_field};

use super::super::walk::{Pairs, field};
use super::texts::cut;
use super::{split, text_of};

/// Puts the attribute `key` with this encoded value as field `number`.
fn put_pair(out: &mut Vec<u8>, number: u32, key: &[u8], any: &[u8]) {
    let mark = begin_len(out, number, key.len() + any.len() + 4);
    put_len_field(out, 1, key);
    put_len_field(out, 2, any);
    end_len(out, mark);
}

/// Writes the resource, and into `behind` what its records get behind their attributes: `env`, and from the place that comes
/// back on `team`.
pub fn resource(resource: &[u8], out: &mut Vec<u8>, behind: &mut Vec<u8>) -> Option<usize> {
    let mut pairs = Pairs::new();
    let (mut region, mut of_service, mut of_pod, mut pid) = (None, None, None, None);
    let (mut environment, mut service, mut named, mut sdk) = (None, None, false, false);
    let mut at = 0;
    while resource.get(at) == Some(&0x0a) {
        let part = field(resource, at)?;
        let pair = &resource[part.content..part.end];
        let (key, value) = split(pair)?;
        let any = &pair[value..];
        match key {
            b"cloud.region" => region = region.or(Some(any)),
            b"k8s.cluster.name" => named = true,
            b"service.namespace" => of_service = of_service.or(Some(any)),
            b"k8s.namespace.name" => of_pod = of_pod.or(Some(any)),
            b"process.pid" => pid = pid.or(Some(pairs.len())),
            b"deployment.environment" => environment = environment.or(Some(any)),
            b"service.name" => service = service.or(Some(any)),
            _ => sdk |= key.starts_with(b"telemetry.sdk."),
        }
        pairs.push(at, part.end)?;
        at = part.end;
    }
    // Attributes come first, and none stands behind other fields.
    let mut rest = at;
    while let Some(part) = field(resource, rest).filter(|part| part.tag != 0x0a) {
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
        put_pair(behind, 1, b"k8s.cluster.name", cluster);
        pairs.push(behind_all, behind_all + behind.len())?;
    }
    match of_service {
        None => {
            if let Some(any) = of_pod.filter(|any| !any.is_empty()) {
                let start = behind_all + behind.len();
                put_pair(behind, 1, b"service.namespace", any);
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
            let part = field(resource, start);
            part.and_then(|part| resource[part.content..].get(2..))
                .is_some_and(|key| key.starts_with(b"telemetry.sdk."))
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
        match text_of(any).map(|start| &any[start..]) {
            Some(text) if cut(text) < text.len() => {
                let mut any = Vec::new();
                put_len_field(&mut any, 1, &text[..cut(text)]);
                put_pair(behind, 6, b"env", &any);
            }
            _ => put_pair(behind, 6, b"env", any),
        }
    }
    let team = behind.len();
    if matches!(service, Some(b"\x0a\x07payment" | b"\x0a\x08checkout")) {
        put_pair(behind, 6, b"team", b"\x0a\x08payments");
    }
    Some(team)
}
