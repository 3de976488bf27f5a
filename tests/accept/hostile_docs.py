# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class HostileDocsValues(NamedTuple):
    """The constrained values of a `HostileDocs`."""

    a: torch.Tensor
    """`prob via logistic`: at the end \""""
    b: torch.Tensor
    """`prob via logistic`: ends in a quote \""""
    c: torch.Tensor
    """`prob via logistic`: \"\"\""""
    d: torch.Tensor
    """`prob via logistic`: \\"""
    e: torch.Tensor
    """`prob via logistic`: ends in a backslash \\"""
    f: torch.Tensor
    """`prob via logistic`: \"begins with a quote"""
    g: torch.Tensor
    """`prob via logistic`: ' \"\"\" ' ''' \" \"\"\"'''"""
    h: torch.Tensor
    """`prob via logistic`: a tab at its beginning,\tone inside"""
    i: torch.Tensor
    """`prob via logistic`: 🎲 emoji 👩\u200d🔬, é combining, 数字 wide, ﬁ ligature, no-break\xa0space"""
    j: torch.Tensor
    """`prob via logistic`: control \x1b[31m \x07 \x7f \x85 \u2028 \u2029 \u200b \ufeff and \U000e0001"""
    k: torch.Tensor
    """`prob via logistic`: # fmt: skip  # type: ignore  # noqa  # pyright: ignore"""
    l: torch.Tensor
    """`prob via logistic`: {0} {self.p!r} %(name)s \\x41 \\u0041 \\101"""
    m: torch.Tensor
    """`prob via logistic`"""
    n: torch.Tensor
    """`prob via logistic`: after empty lines"""
    o: torch.Tensor
    """`prob via logistic`: first

        indented by four
      by two
    last line
    and at the end
    """
    p: torch.Tensor
    """`prob via logistic`: long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long"""
    q: torch.Tensor
    """`prob via logistic`: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"""
    r: torch.Tensor
    """`prob via logistic`: no space after the colon"""
    s: torch.Tensor
    """`prob via logistic`: : two colons"""
    t: torch.Tensor
    """`prob via logistic`: ends in two \\\\"""
    u: torch.Tensor
    """`prob via logistic`: ends in a quote and a backslash \"\\"""
    v: torch.Tensor
    """`prob via logistic`: ' and nothing else but \"\""""
    w: torch.Tensor
    """`prob via logistic`: begins with a space that is its own"""


class HostileDocs(cdsl.ConstrainedModule["HostileDocsValues"]):
    """\"\"\" ''' \\ \\\\ \\n \\N{BULLET} {braces} %s $x

      Indented, and \"quoted\" and 'quoted'; a line of this ends in a backslash \\
    \"\"\"; import os; os.abort()
    """

    _doc = '""" \'\'\' \\ \\\\ \\n \\N{BULLET} {braces} %s $x\n\n  Indented, and "quoted" and \'quoted\'; a line of this ends in a backslash \\\n"""; import os; os.abort()'
    _values = HostileDocsValues
    _declared = (
        cdsl.Declared("a", cdsl.prob.logistic, doc='at the end "'),
        cdsl.Declared("b", cdsl.prob.logistic, doc='ends in a quote "'),
        cdsl.Declared("c", cdsl.prob.logistic, doc='"""'),
        cdsl.Declared("d", cdsl.prob.logistic, doc="\\"),
        cdsl.Declared("e", cdsl.prob.logistic, doc="ends in a backslash \\"),
        cdsl.Declared("f", cdsl.prob.logistic, doc='"begins with a quote'),
        cdsl.Declared("g", cdsl.prob.logistic, doc="' \"\"\" ' ''' \" \"\"\"'''"),
        cdsl.Declared(
            "h", cdsl.prob.logistic, doc="a tab at its beginning,\tone inside"
        ),
        cdsl.Declared(
            "i",
            cdsl.prob.logistic,
            doc="🎲 emoji 👩\u200d🔬, é combining, 数字 wide, ﬁ ligature, no-break\xa0space",
        ),
        cdsl.Declared(
            "j",
            cdsl.prob.logistic,
            doc="control \x1b[31m \x07 \x7f \x85 \u2028 \u2029 \u200b \ufeff and \U000e0001",
        ),
        cdsl.Declared(
            "k",
            cdsl.prob.logistic,
            doc="# fmt: skip  # type: ignore  # noqa  # pyright: ignore",
        ),
        cdsl.Declared(
            "l", cdsl.prob.logistic, doc="{0} {self.p!r} %(name)s \\x41 \\u0041 \\101"
        ),
        cdsl.Declared("m", cdsl.prob.logistic),
        cdsl.Declared("n", cdsl.prob.logistic, doc="after empty lines"),
        cdsl.Declared(
            "o",
            cdsl.prob.logistic,
            doc="first\n\n    indented by four\n  by two\nlast line\nand at the end",
        ),
        cdsl.Declared(
            "p",
            cdsl.prob.logistic,
            doc="long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long",
        ),
        cdsl.Declared(
            "q",
            cdsl.prob.logistic,
            doc="xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        ),
        cdsl.Declared("r", cdsl.prob.logistic, doc="no space after the colon"),
        cdsl.Declared("s", cdsl.prob.logistic, doc=": two colons"),
        cdsl.Declared("t", cdsl.prob.logistic, doc="ends in two \\\\"),
        cdsl.Declared(
            "u", cdsl.prob.logistic, doc='ends in a quote and a backslash "\\'
        ),
        cdsl.Declared("v", cdsl.prob.logistic, doc='\' and nothing else but ""'),
        cdsl.Declared(
            "w", cdsl.prob.logistic, doc="begins with a space that is its own"
        ),
    )

    def __init__(
        self, *, dtype: torch.dtype | None = None, device: cdsl.Device = None
    ) -> None:
        super().__init__()
        self.a_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.b_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.c_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.d_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.e_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.f_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.g_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.h_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.i_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.j_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.k_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.l_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.m_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.n_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.o_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.p_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.q_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.r_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.s_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.t_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.u_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.v_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.w_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.reset_parameters()

    def forward(self) -> HostileDocsValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (
            self.a_raw.squeeze(0),
            self.b_raw.squeeze(0),
            self.c_raw.squeeze(0),
            self.d_raw.squeeze(0),
            self.e_raw.squeeze(0),
            self.f_raw.squeeze(0),
            self.g_raw.squeeze(0),
            self.h_raw.squeeze(0),
            self.i_raw.squeeze(0),
            self.j_raw.squeeze(0),
            self.k_raw.squeeze(0),
            self.l_raw.squeeze(0),
            self.m_raw.squeeze(0),
            self.n_raw.squeeze(0),
            self.o_raw.squeeze(0),
            self.p_raw.squeeze(0),
            self.q_raw.squeeze(0),
            self.r_raw.squeeze(0),
            self.s_raw.squeeze(0),
            self.t_raw.squeeze(0),
            self.u_raw.squeeze(0),
            self.v_raw.squeeze(0),
            self.w_raw.squeeze(0),
        )

    def _evaluate(self, raw: cdsl.Raw) -> HostileDocsValues:
        (
            a_raw,
            b_raw,
            c_raw,
            d_raw,
            e_raw,
            f_raw,
            g_raw,
            h_raw,
            i_raw,
            j_raw,
            k_raw,
            l_raw,
            m_raw,
            n_raw,
            o_raw,
            p_raw,
            q_raw,
            r_raw,
            s_raw,
            t_raw,
            u_raw,
            v_raw,
            w_raw,
        ) = raw
        a = cdsl.prob.logistic(a_raw)
        b = cdsl.prob.logistic(b_raw)
        c = cdsl.prob.logistic(c_raw)
        d = cdsl.prob.logistic(d_raw)
        e = cdsl.prob.logistic(e_raw)
        f = cdsl.prob.logistic(f_raw)
        g = cdsl.prob.logistic(g_raw)
        h = cdsl.prob.logistic(h_raw)
        i = cdsl.prob.logistic(i_raw)
        j = cdsl.prob.logistic(j_raw)
        k = cdsl.prob.logistic(k_raw)
        l = cdsl.prob.logistic(l_raw)
        m = cdsl.prob.logistic(m_raw)
        n = cdsl.prob.logistic(n_raw)
        o = cdsl.prob.logistic(o_raw)
        p = cdsl.prob.logistic(p_raw)
        q = cdsl.prob.logistic(q_raw)
        r = cdsl.prob.logistic(r_raw)
        s = cdsl.prob.logistic(s_raw)
        t = cdsl.prob.logistic(t_raw)
        u = cdsl.prob.logistic(u_raw)
        v = cdsl.prob.logistic(v_raw)
        w = cdsl.prob.logistic(w_raw)
        return HostileDocsValues(
            a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w
        )

    def _evaluate_with_log_dets(
        self, raw: cdsl.Raw
    ) -> cdsl.WithLogDets[HostileDocsValues]:
        (
            a_raw,
            b_raw,
            c_raw,
            d_raw,
            e_raw,
            f_raw,
            g_raw,
            h_raw,
            i_raw,
            j_raw,
            k_raw,
            l_raw,
            m_raw,
            n_raw,
            o_raw,
            p_raw,
            q_raw,
            r_raw,
            s_raw,
            t_raw,
            u_raw,
            v_raw,
            w_raw,
        ) = raw
        log_dets: cdsl.LogDets = {}
        a, log_dets["a"] = cdsl.prob.logistic.with_log_det(a_raw)
        b, log_dets["b"] = cdsl.prob.logistic.with_log_det(b_raw)
        c, log_dets["c"] = cdsl.prob.logistic.with_log_det(c_raw)
        d, log_dets["d"] = cdsl.prob.logistic.with_log_det(d_raw)
        e, log_dets["e"] = cdsl.prob.logistic.with_log_det(e_raw)
        f, log_dets["f"] = cdsl.prob.logistic.with_log_det(f_raw)
        g, log_dets["g"] = cdsl.prob.logistic.with_log_det(g_raw)
        h, log_dets["h"] = cdsl.prob.logistic.with_log_det(h_raw)
        i, log_dets["i"] = cdsl.prob.logistic.with_log_det(i_raw)
        j, log_dets["j"] = cdsl.prob.logistic.with_log_det(j_raw)
        k, log_dets["k"] = cdsl.prob.logistic.with_log_det(k_raw)
        l, log_dets["l"] = cdsl.prob.logistic.with_log_det(l_raw)
        m, log_dets["m"] = cdsl.prob.logistic.with_log_det(m_raw)
        n, log_dets["n"] = cdsl.prob.logistic.with_log_det(n_raw)
        o, log_dets["o"] = cdsl.prob.logistic.with_log_det(o_raw)
        p, log_dets["p"] = cdsl.prob.logistic.with_log_det(p_raw)
        q, log_dets["q"] = cdsl.prob.logistic.with_log_det(q_raw)
        r, log_dets["r"] = cdsl.prob.logistic.with_log_det(r_raw)
        s, log_dets["s"] = cdsl.prob.logistic.with_log_det(s_raw)
        t, log_dets["t"] = cdsl.prob.logistic.with_log_det(t_raw)
        u, log_dets["u"] = cdsl.prob.logistic.with_log_det(u_raw)
        v, log_dets["v"] = cdsl.prob.logistic.with_log_det(v_raw)
        w, log_dets["w"] = cdsl.prob.logistic.with_log_det(w_raw)
        return (
            HostileDocsValues(
                a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w
            ),
            log_dets,
        )

    @property
    def a(self) -> torch.Tensor:
        """`prob via logistic`: at the end \""""
        return cdsl.prob.logistic(self.a_raw.squeeze(0))

    @a.setter
    def a(self, value: cdsl.Settable) -> None:
        self.assign_(a=value)

    @property
    def b(self) -> torch.Tensor:
        """`prob via logistic`: ends in a quote \""""
        return cdsl.prob.logistic(self.b_raw.squeeze(0))

    @b.setter
    def b(self, value: cdsl.Settable) -> None:
        self.assign_(b=value)

    @property
    def c(self) -> torch.Tensor:
        """`prob via logistic`: \"\"\""""
        return cdsl.prob.logistic(self.c_raw.squeeze(0))

    @c.setter
    def c(self, value: cdsl.Settable) -> None:
        self.assign_(c=value)

    @property
    def d(self) -> torch.Tensor:
        """`prob via logistic`: \\"""
        return cdsl.prob.logistic(self.d_raw.squeeze(0))

    @d.setter
    def d(self, value: cdsl.Settable) -> None:
        self.assign_(d=value)

    @property
    def e(self) -> torch.Tensor:
        """`prob via logistic`: ends in a backslash \\"""
        return cdsl.prob.logistic(self.e_raw.squeeze(0))

    @e.setter
    def e(self, value: cdsl.Settable) -> None:
        self.assign_(e=value)

    @property
    def f(self) -> torch.Tensor:
        """`prob via logistic`: \"begins with a quote"""
        return cdsl.prob.logistic(self.f_raw.squeeze(0))

    @f.setter
    def f(self, value: cdsl.Settable) -> None:
        self.assign_(f=value)

    @property
    def g(self) -> torch.Tensor:
        """`prob via logistic`: ' \"\"\" ' ''' \" \"\"\"'''"""
        return cdsl.prob.logistic(self.g_raw.squeeze(0))

    @g.setter
    def g(self, value: cdsl.Settable) -> None:
        self.assign_(g=value)

    @property
    def h(self) -> torch.Tensor:
        """`prob via logistic`: a tab at its beginning,\tone inside"""
        return cdsl.prob.logistic(self.h_raw.squeeze(0))

    @h.setter
    def h(self, value: cdsl.Settable) -> None:
        self.assign_(h=value)

    @property
    def i(self) -> torch.Tensor:
        """`prob via logistic`: 🎲 emoji 👩\u200d🔬, é combining, 数字 wide, ﬁ ligature, no-break\xa0space"""
        return cdsl.prob.logistic(self.i_raw.squeeze(0))

    @i.setter
    def i(self, value: cdsl.Settable) -> None:
        self.assign_(i=value)

    @property
    def j(self) -> torch.Tensor:
        """`prob via logistic`: control \x1b[31m \x07 \x7f \x85 \u2028 \u2029 \u200b \ufeff and \U000e0001"""
        return cdsl.prob.logistic(self.j_raw.squeeze(0))

    @j.setter
    def j(self, value: cdsl.Settable) -> None:
        self.assign_(j=value)

    @property
    def k(self) -> torch.Tensor:
        """`prob via logistic`: # fmt: skip  # type: ignore  # noqa  # pyright: ignore"""
        return cdsl.prob.logistic(self.k_raw.squeeze(0))

    @k.setter
    def k(self, value: cdsl.Settable) -> None:
        self.assign_(k=value)

    @property
    def l(self) -> torch.Tensor:
        """`prob via logistic`: {0} {self.p!r} %(name)s \\x41 \\u0041 \\101"""
        return cdsl.prob.logistic(self.l_raw.squeeze(0))

    @l.setter
    def l(self, value: cdsl.Settable) -> None:
        self.assign_(l=value)

    @property
    def m(self) -> torch.Tensor:
        """`prob via logistic`"""
        return cdsl.prob.logistic(self.m_raw.squeeze(0))

    @m.setter
    def m(self, value: cdsl.Settable) -> None:
        self.assign_(m=value)

    @property
    def n(self) -> torch.Tensor:
        """`prob via logistic`: after empty lines"""
        return cdsl.prob.logistic(self.n_raw.squeeze(0))

    @n.setter
    def n(self, value: cdsl.Settable) -> None:
        self.assign_(n=value)

    @property
    def o(self) -> torch.Tensor:
        """`prob via logistic`: first

            indented by four
          by two
        last line
        and at the end
        """
        return cdsl.prob.logistic(self.o_raw.squeeze(0))

    @o.setter
    def o(self, value: cdsl.Settable) -> None:
        self.assign_(o=value)

    @property
    def p(self) -> torch.Tensor:
        """`prob via logistic`: long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long"""
        return cdsl.prob.logistic(self.p_raw.squeeze(0))

    @p.setter
    def p(self, value: cdsl.Settable) -> None:
        self.assign_(p=value)

    @property
    def q(self) -> torch.Tensor:
        """`prob via logistic`: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"""
        return cdsl.prob.logistic(self.q_raw.squeeze(0))

    @q.setter
    def q(self, value: cdsl.Settable) -> None:
        self.assign_(q=value)

    @property
    def r(self) -> torch.Tensor:
        """`prob via logistic`: no space after the colon"""
        return cdsl.prob.logistic(self.r_raw.squeeze(0))

    @r.setter
    def r(self, value: cdsl.Settable) -> None:
        self.assign_(r=value)

    @property
    def s(self) -> torch.Tensor:
        """`prob via logistic`: : two colons"""
        return cdsl.prob.logistic(self.s_raw.squeeze(0))

    @s.setter
    def s(self, value: cdsl.Settable) -> None:
        self.assign_(s=value)

    @property
    def t(self) -> torch.Tensor:
        """`prob via logistic`: ends in two \\\\"""
        return cdsl.prob.logistic(self.t_raw.squeeze(0))

    @t.setter
    def t(self, value: cdsl.Settable) -> None:
        self.assign_(t=value)

    @property
    def u(self) -> torch.Tensor:
        """`prob via logistic`: ends in a quote and a backslash \"\\"""
        return cdsl.prob.logistic(self.u_raw.squeeze(0))

    @u.setter
    def u(self, value: cdsl.Settable) -> None:
        self.assign_(u=value)

    @property
    def v(self) -> torch.Tensor:
        """`prob via logistic`: ' and nothing else but \"\""""
        return cdsl.prob.logistic(self.v_raw.squeeze(0))

    @v.setter
    def v(self, value: cdsl.Settable) -> None:
        self.assign_(v=value)

    @property
    def w(self) -> torch.Tensor:
        """`prob via logistic`: begins with a space that is its own"""
        return cdsl.prob.logistic(self.w_raw.squeeze(0))

    @w.setter
    def w(self, value: cdsl.Settable) -> None:
        self.assign_(w=value)
