//! Code with colours: OTTL, also inside YAML, by the words that editors are told of it (`ottl::service`).
//!
//! The classes are those of highlight.js, for which mdBook's themes have colours; it does not know OTTL itself.

use ottl::Compiler;
use ottl::service::{Document, DocumentKind, TokenType};

/// The code of a block, as the content of an element of HTML.
pub fn colours(language: &str, code: &str) -> String {
    let (kind, yaml) = match language {
        "yaml" => (DocumentKind::default(), true),
        _ => (DocumentKind::Rules { kind: None, signal: None, context: None }, false),
    };
    let document = Document::new(Compiler::new(), kind, code);
    let (mut out, mut done) = (String::new(), 0);
    let gap = |out: &mut String, text: &str, starts_line: bool| match yaml {
        true => around(out, text, starts_line),
        false => out.push_str(&escaped(text)),
    };
    for token in document.tokens() {
        let (start, end) = (token.range.start as usize, token.range.end as usize);
        let (Some(before), Some(word)) = (code.get(done..start), code.get(start..end)) else { continue };
        gap(&mut out, before, done == 0);
        match class(token.token_type) {
            Some(class) => out.push_str(&format!("<span class=\"{class}\">{}</span>", escaped(word))),
            None => out.push_str(&escaped(word)),
        }
        done = end;
    }
    gap(&mut out, &code[done..], done == 0);
    out
}

fn class(token: TokenType) -> Option<&'static str> {
    Some(match token {
        TokenType::Keyword => "hljs-keyword",
        TokenType::Function => "hljs-title",
        TokenType::Method => "hljs-built_in",
        TokenType::EnumMember => "hljs-literal",
        TokenType::String => "hljs-string",
        TokenType::Number => "hljs-number",
        TokenType::Parameter => "hljs-params",
        TokenType::Namespace | TokenType::Property | TokenType::Operator => return None,
    })
}

/// YAML around rules: its keys and comments. A line that begins with rules' words has none.
fn around(out: &mut String, text: &str, starts_line: bool) {
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let (code, comment) = match line.find('#') {
            Some(at) if line[..at].chars().next_back().is_none_or(char::is_whitespace) => line.split_at(at),
            _ => (line, ""),
        };
        let head = code.len() - code.trim_start_matches([' ', '-']).len();
        match code[head..].split_once(':') {
            Some((key, rest)) if (starts_line || number > 0) && is_key(key) && rest.starts_with([' ', '\n']) => {
                out.push_str(&format!("{}<span class=\"hljs-attr\">{key}</span>:{}", &code[..head], escaped(rest)));
            }
            _ => out.push_str(&escaped(code)),
        }
        if !comment.is_empty() {
            out.push_str(&format!("<span class=\"hljs-comment\">{}</span>", escaped(comment)));
        }
    }
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-/.".contains(c))
}

/// Text in HTML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::colours;

    #[test]
    fn words_of_rules_are_told_apart() {
        let wanted = "<span class=\"hljs-title\">set</span>(log.body, <span class=\"hljs-string\">&quot;&lt;&quot;</span>) \
                      <span class=\"hljs-keyword\">where</span> <span class=\"hljs-built_in\">IsString</span>(log.body)\n";
        assert_eq!(colours("ottl", "set(log.body, \"<\") where IsString(log.body)\n"), wanted);
    }

    #[test]
    fn yaml_has_keys_and_comments() {
        let wanted = "<span class=\"hljs-attr\">log_statements</span>:\n  - <span class=\"hljs-title\">set</span>(log.body, \
                      <span class=\"hljs-number\">1</span>) <span class=\"hljs-comment\"># a: b\n</span>";
        assert_eq!(colours("yaml", "log_statements:\n  - set(log.body, 1) # a: b\n"), wanted);
    }
}
