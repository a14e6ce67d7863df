"""Markup that would run something where it is shown, were it let through."""

from dateline import ROOT

SCRIPTS = [
    "<script>alert(1)</script>", "<ScRiPt src=//x.example/a.js></sCrIpT>", "<script/x>alert(1)</script>",
    "<<script>alert(1)//<</script>", "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>", "<img src=x oNeRrOr =alert(1)>", "<img/src=x/onerror=alert(1)>",
    "<img src='x'onerror='alert(1)'>", "<img src=x:x onerror\n=alert(1)>", "<body onload=alert(1)>",
    "<svg onload=alert(1)>", "<svg><script>alert(1)</script></svg>", "<svg><animate onbegin=alert(1)>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<math><maction xlink:href='javascript:alert(1)'>x</maction></math>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<a href='javascript:alert(1)'>x</a>",
    "<a href=' &#1; javascript:alert(1)'>x</a>", "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='&#106;avascript&colon;alert(1)'>x</a>", "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>", "<a href='vbscript:x'>x</a>",
    "<iframe src='javascript:alert(1)'></iframe>", "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='javascript:alert(1)'>", "<embed src='javascript:alert(1)'>",
    "<form action='javascript:alert(1)'><button>x", "<button formaction='javascript:alert(1)'>x",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>", "<base href='javascript:alert(1)//'>",
    "<link rel=stylesheet href='javascript:alert(1)'>", "<style>@import 'javascript:alert(1)'</style>",
    "<div style='background:url(javascript:alert(1))'>x</div>", "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video>", "<video poster='javascript:alert(1)'></video>",
    "<img srcset='javascript:alert(1) 1x'>", "<input autofocus onfocus=alert(1)>",
    "<template><script>alert(1)</script></template>", "<xmp><script>alert(1)</script></xmp>",
    "<plaintext><script>alert(1)", "<!--><script>alert(1)</script>-->", "<![CDATA[<script>alert(1)</script>]]>",
    "]]><script>alert(1)</script>", "\"><script>alert(1)</script>", "'/onmouseover='alert(1)",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "&amp;lt;script&amp;gt;alert(1)", "<a onclick\u0000=alert(1)>x</a>",
]  # fmt: skip

# Every handler that elements have, on those that fire it without a hand.
EVENTS = """
    abort animationend auxclick beforeinput blur canplay change click close contextmenu copy cuechange cut
    dblclick drag drop durationchange emptied ended error focus focusin formdata gotpointercapture hashchange
    input invalid keydown keypress keyup load loadeddata loadstart message mousedown mouseenter mousemove
    mouseover mouseup mousewheel offline online pagehide pageshow paste pause play playing pointerdown popstate
    progress ratechange reset resize scroll search seeked select stalled storage submit suspend toggle
    touchstart transitionend unload volumechange waiting wheel
""".split()
HANDLERS = [
    f"<{['img src=x', 'svg', 'body', 'details open', 'input autofocus', 'video src=x'][number % 6]} on{event}=alert(1)>"
    for number, event in enumerate(EVENTS)
]


def _attacks():
    """Those that the sanitiser itself is tested with."""
    lines = (ROOT / "src" / "intake" / "sanitise" / "attacks.txt").read_text().splitlines()
    return [line.replace("\\t", "\t").replace("\\n", "\n") for line in lines if line.strip()]


VECTORS = list(dict.fromkeys(SCRIPTS + _attacks() + HANDLERS))
assert len(VECTORS) >= 200, len(VECTORS)
