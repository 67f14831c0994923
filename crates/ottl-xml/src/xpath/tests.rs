//! Expressions and what they find.

use ottl_core::{Arena, EvalError};

use super::{Found, XPath};
use crate::tree::{Kind, Tree};

fn charset<'a>(_: &[u8], text: &'a [u8], _: &'a Arena) -> Result<Option<&'a [u8]>, EvalError> {
    Ok(Some(text))
}

fn lower_case<'a>(text: &'a [u8], arena: &'a Arena) -> Result<&'a [u8], EvalError> {
    let out = arena.copy(text)?;
    out.make_ascii_lowercase();
    Ok(out)
}

/// What an expression finds, short: names of elements, `@name=value`, texts in quotes.
fn find(text: &str, expression: &str) -> String {
    let arena = Arena::new();
    let tree = Tree::parse(text.as_bytes(), charset, &arena).expect("well formed");
    let Ok(path) = XPath::new(expression.as_bytes(), lower_case) else { return "refused".to_owned() };
    let Ok(found) = path.select(&tree) else { return "error".to_owned() };
    let show = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    let shown = found.iter().map(|found| match *found {
        Found::Attribute { name, value, .. } => format!("@{}={}", show(name), show(value)),
        Found::Node(node) => match tree.kind(node) {
            Kind::Document => "/".to_owned(),
            Kind::Element => match tree.attributes_of(node).first() {
                Some(id) => format!("{}{}", show(tree.data(node)), show(id.value)),
                None => show(tree.data(node)),
            },
            Kind::Declaration => "<?".to_owned(),
            _ => format!("'{}'", show(tree.data(node))),
        },
    });
    shown.collect::<Vec<_>>().join(" ")
}

const BOOKS: &str =
    "<r><b i='1'><t>x</t><p>5</p></b><b i='2'><t>y</t><p>7</p></b><c i='3'><b i='4'><t>z</t></b></c></r>";

#[test]
fn steps_and_predicates() {
    for (expression, want) in [
        ("/", "/"),
        ("/r/b", "b1 b2"),
        ("//b", "b1 b2 b4"),
        ("//b[1]", "b1 b4"),
        ("(//b)[1]", "b1"),
        ("(//b)[last()]", "b4"),
        ("/r/b[last()]", "b2"),
        ("/r/b[position()=2]", "b2"),
        ("/r/b[t='y']", "b2"),
        ("/r/b[p>5]/@i", "@i=2"),
        ("//@i", "@i=1 @i=2 @i=3 @i=4"),
        ("//t/text()", "'x' 'y' 'z'"),
        ("//t/..", "b1 b2 b4"),
        ("//b[@i='4']/ancestor::*", "c3 r"),
        ("/r/b[1]/following-sibling::*", "b2 c3"),
        ("/r/c/preceding-sibling::b[1]", "b2"),
        ("//b | //c", "b1 b2 b4 c3"),
        ("/r/*[self::c]", "c3"),
        ("//b[not(p)]", "b4"),
        ("//b[p and t='x']", "b1"),
        ("//b[contains(t,'z') or p=5]", "b1 b4"),
        ("count(//b)", ""),
        ("1 = 1", ""),
        ("//b[count(*)=2]", "b1 b2"),
        ("//b[string-length(t)=1 and number(p)=7]", "b2"),
        ("//*[local-name()='c']", "c3"),
        ("reverse(//b)", "b4 b2 b1"),
        ("/r/(b,c)/@i", "@i=1 @i=2 @i=3"),
        ("//b[matches(t,'^[xz]$')]", "b1 b4"),
        ("//t[translate(.,'xyz','ab')='a']", "t"),
        ("//t[concat(.,'-',1 div 0)='x-Infinity']", "t"),
        ("//t[replace(.,'(x)','$1$1')='xx']", "t"),
        ("//t[substring('12345',2,3)='234'][normalize-space(' a  b ')='a b']", "t t t"),
    ] {
        assert_eq!(find(BOOKS, expression), want, "{expression}");
    }
}

#[test]
fn faults() {
    for expression in [
        "",
        " ",
        "//",
        "/r[",
        "/r]x[",
        "a:",
        "'x",
        "$x",
        "foo()",
        "bad::a",
        "/r/b[",
        "substring('a')",
        "@",
        "1 +",
        "matches(a,'(')",
        "namespace::a",
    ] {
        let refused = find(BOOKS, expression);
        let ignored = expression == "/r]x[";
        assert_eq!(refused, if ignored { "r" } else { "refused" }, "{expression}");
    }
    for expression in ["//t[starts-with(.,1)]", "//t[boolean()]", "//t[namespace::a/b]", "//t[matches(.,1+1)]"] {
        assert_eq!(find(BOOKS, expression), "error", "{expression}");
    }
}

#[test]
fn nesting_is_bounded() {
    let wrap = |open: &str, inner: &str, close: &str, count: usize| open.repeat(count) + inner + &close.repeat(count);
    for expression in [
        wrap("(", "a", ")", 100_000),
        wrap("a/(", "a", ")", 100_000),
        wrap("a[", "a", "]", 100_000),
        wrap("not(", "a", ")", 100_000),
        wrap("a/", "a", "", 100_000),
        wrap("", "a", " or a", 100_000),
        wrap("", "a", "|a", 100_000),
        wrap("", "a", "/(b,c)", 40),
        wrap("", "a", "+a", 100_000),
        wrap("b[", "a", " or a", 100_000) + "]",
        wrap("", "a", "[1]", 100_000),
    ] {
        assert_eq!(find("<a/>", &expression), "refused", "{}", &expression[..20]);
    }
}

#[test]
fn expressions_at_the_limits_run_in_a_small_stack() {
    // What is left of 256 KiB where 64 calls lie in each other; without optimisation more.
    let stack = if cfg!(debug_assertions) { 256 << 10 } else { 128 << 10 };
    let wrap = |open: &str, inner: &str, close: &str, count: usize| open.repeat(count) + inner + &close.repeat(count);
    let expressions = [
        wrap("not(", "a", ")", 120),
        wrap("a[", "a", "]", 60),
        wrap("(", "a", ")", 120),
        wrap("//a[", "a", "]", 40),
        wrap("a/", "a", "", 120),
        wrap("", "//a", "//a", 60),
        wrap("concat('',", "a", ")", 60) + "=a",
        "a[".to_owned() + &wrap("", "@a", " or @a", 900) + "]",
        wrap("", "a", "|a", 120),
        wrap("reverse(", "a", ")", 120),
        "a[".to_owned() + &wrap("", "1", "+1", 120) + "]",
    ];
    let run = move || {
        for expression in &expressions {
            let found = find("<a><a/></a>", expression);
            assert!(!matches!(&*found, "refused" | "error"), "{expression}");
        }
    };
    std::thread::Builder::new().stack_size(stack).spawn(run).expect("a thread").join().expect("no panic");
}

#[test]
fn work_is_bounded() {
    let arena = Arena::new();
    arena.set_work(1_000_000);
    let text = "<a>".repeat(3_000) + &"</a>".repeat(3_000);
    let tree = Tree::parse(text.as_bytes(), charset, &arena).expect("well formed");
    let last = "a[x]".to_owned() + &"[last()]".repeat(40);
    for expression in
        ["//a//a//a", "//a[count(.//a) > 5000]", "//a/ancestor::a | //a", &last, "//a[. = 'x']/following::a"]
    {
        let path = XPath::new(expression.as_bytes(), lower_case).expect("an expression");
        let _ = path.select(&tree);
    }
    assert_eq!(arena.work_left(), 0);
}
