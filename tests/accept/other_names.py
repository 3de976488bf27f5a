# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class OtherNamesValues(NamedTuple):
    """The constrained values of a `OtherNames`."""

    prob: torch.Tensor
    """`prob via logistic`"""
    positive: torch.Tensor
    """`positive via exp`"""
    simplex: torch.Tensor
    """`simplex[3] via isometric_log_ratio`"""
    interval: torch.Tensor
    """`interval(0.0, 1.0) via logistic`"""
    real: torch.Tensor
    """`real via identity`"""
    exp: torch.Tensor
    """`positive via softplus`"""
    logistic: torch.Tensor
    """`prob via logistic`"""
    tuple: torch.Tensor
    """`real via identity`"""
    dict: torch.Tensor
    """`real via identity`"""
    int: torch.Tensor
    """`real via identity`"""
    str: torch.Tensor
    """`real via identity`"""
    list: torch.Tensor
    """`real via identity`"""
    len: torch.Tensor
    """`real via identity`"""
    print: torch.Tensor
    """`prob via logistic`"""
    super: torch.Tensor
    """`positive via exp`"""
    object: torch.Tensor
    """`real via identity`"""
    setter: torch.Tensor
    """`real via identity`"""
    staticmethod: torch.Tensor
    """`real via identity`"""
    log_dets: torch.Tensor
    """`prob via logistic`"""
    log_dets_: torch.Tensor
    """`prob via logistic`"""
    raw_: torch.Tensor
    """`real via identity`"""
    value: torch.Tensor
    """`prob via logistic`"""
    values: torch.Tensor
    """`prob via logistic`"""
    name: torch.Tensor
    """`prob via logistic`"""
    Declared: torch.Tensor
    """`real via identity`"""
    ConstrainedModule: torch.Tensor
    """`real via identity`"""
    NamedTuple: torch.Tensor
    """`prob via logistic`"""
    OtherNames: torch.Tensor
    """`prob via logistic`"""
    Tensor: torch.Tensor
    """`real via identity`"""
    Parameter: torch.Tensor
    """`real via identity`"""
    theta_raw: torch.Tensor
    """`real via identity`"""
    pi: torch.Tensor
    """`real via identity`"""
    match: torch.Tensor
    """`real via identity`"""
    case: torch.Tensor
    """`real via identity`"""
    x: torch.Tensor
    """`real[2] via identity`"""


class OtherNames(cdsl.ConstrainedModule["OtherNamesValues"]):
    """The parameters of a `OtherNames`, and the values they stand for."""

    _values = OtherNamesValues
    _declared = (
        cdsl.Declared("prob", cdsl.prob.logistic),
        cdsl.Declared("positive", cdsl.positive.exp),
        cdsl.Declared("simplex", cdsl.simplex.isometric_log_ratio, sizes=(3,)),
        cdsl.Declared("interval", cdsl.interval.logistic, arguments=(0.0, 1.0)),
        cdsl.Declared("real", cdsl.real.identity),
        cdsl.Declared("exp", cdsl.positive.softplus),
        cdsl.Declared("logistic", cdsl.prob.logistic),
        cdsl.Declared("tuple", cdsl.real.identity),
        cdsl.Declared("dict", cdsl.real.identity),
        cdsl.Declared("int", cdsl.real.identity),
        cdsl.Declared("str", cdsl.real.identity),
        cdsl.Declared("list", cdsl.real.identity),
        cdsl.Declared("len", cdsl.real.identity),
        cdsl.Declared("print", cdsl.prob.logistic),
        cdsl.Declared("super", cdsl.positive.exp),
        cdsl.Declared("object", cdsl.real.identity),
        cdsl.Declared("setter", cdsl.real.identity),
        cdsl.Declared("staticmethod", cdsl.real.identity),
        cdsl.Declared("log_dets", cdsl.prob.logistic),
        cdsl.Declared("log_dets_", cdsl.prob.logistic),
        cdsl.Declared("raw_", cdsl.real.identity),
        cdsl.Declared("value", cdsl.prob.logistic),
        cdsl.Declared("values", cdsl.prob.logistic),
        cdsl.Declared("name", cdsl.prob.logistic),
        cdsl.Declared("Declared", cdsl.real.identity),
        cdsl.Declared("ConstrainedModule", cdsl.real.identity),
        cdsl.Declared("NamedTuple", cdsl.prob.logistic),
        cdsl.Declared("OtherNames", cdsl.prob.logistic),
        cdsl.Declared("Tensor", cdsl.real.identity),
        cdsl.Declared("Parameter", cdsl.real.identity),
        cdsl.Declared("theta_raw", cdsl.real.identity),
        cdsl.Declared("pi", cdsl.real.identity),
        cdsl.Declared("match", cdsl.real.identity),
        cdsl.Declared("case", cdsl.real.identity),
        cdsl.Declared("x", cdsl.real.identity, batch=(2,)),
    )

    def __init__(
        self, *, dtype: torch.dtype | None = None, device: cdsl.Device = None
    ) -> None:
        super().__init__()
        self.prob_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.positive_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.simplex_raw = torch.nn.Parameter(
            torch.empty(2, dtype=dtype, device=device)
        )
        self.interval_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.real_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.exp_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.logistic_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.tuple_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.dict_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.int_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.str_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.list_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.len_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.print_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.super_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.object_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.setter_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.staticmethod_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.log_dets_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.log_dets__raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.raw__raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.value_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.values_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.name_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.Declared_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.ConstrainedModule_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.NamedTuple_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.OtherNames_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.Tensor_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.Parameter_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.theta_raw_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.pi_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.match_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.case_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.x_raw = torch.nn.Parameter(torch.empty(2, dtype=dtype, device=device))
        self.reset_parameters()

    def forward(self) -> OtherNamesValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (
            self.prob_raw.squeeze(0),
            self.positive_raw.squeeze(0),
            self.simplex_raw,
            self.interval_raw.squeeze(0),
            self.real_raw.squeeze(0),
            self.exp_raw.squeeze(0),
            self.logistic_raw.squeeze(0),
            self.tuple_raw.squeeze(0),
            self.dict_raw.squeeze(0),
            self.int_raw.squeeze(0),
            self.str_raw.squeeze(0),
            self.list_raw.squeeze(0),
            self.len_raw.squeeze(0),
            self.print_raw.squeeze(0),
            self.super_raw.squeeze(0),
            self.object_raw.squeeze(0),
            self.setter_raw.squeeze(0),
            self.staticmethod_raw.squeeze(0),
            self.log_dets_raw.squeeze(0),
            self.log_dets__raw.squeeze(0),
            self.raw__raw.squeeze(0),
            self.value_raw.squeeze(0),
            self.values_raw.squeeze(0),
            self.name_raw.squeeze(0),
            self.Declared_raw.squeeze(0),
            self.ConstrainedModule_raw.squeeze(0),
            self.NamedTuple_raw.squeeze(0),
            self.OtherNames_raw.squeeze(0),
            self.Tensor_raw.squeeze(0),
            self.Parameter_raw.squeeze(0),
            self.theta_raw_raw.squeeze(0),
            self.pi_raw.squeeze(0),
            self.match_raw.squeeze(0),
            self.case_raw.squeeze(0),
            self.x_raw,
        )

    def _evaluate(self, raw: cdsl.Raw) -> OtherNamesValues:
        (
            prob_raw,
            positive_raw,
            simplex_raw,
            interval_raw,
            real_raw,
            exp_raw,
            logistic_raw,
            tuple_raw,
            dict_raw,
            int_raw,
            str_raw,
            list_raw,
            len_raw,
            print_raw,
            super_raw,
            object_raw,
            setter_raw,
            staticmethod_raw,
            log_dets_raw,
            log_dets__raw,
            raw__raw,
            value_raw,
            values_raw,
            name_raw,
            Declared_raw,
            ConstrainedModule_raw,
            NamedTuple_raw,
            OtherNames_raw,
            Tensor_raw,
            Parameter_raw,
            theta_raw_raw,
            pi_raw,
            match_raw,
            case_raw,
            x_raw,
        ) = raw
        prob = cdsl.prob.logistic(prob_raw)
        positive = cdsl.positive.exp(positive_raw)
        simplex = cdsl.simplex.isometric_log_ratio(simplex_raw)
        interval = cdsl.interval.logistic(interval_raw, 0.0, 1.0)
        real = cdsl.real.identity(real_raw)
        exp = cdsl.positive.softplus(exp_raw)
        logistic = cdsl.prob.logistic(logistic_raw)
        tuple = cdsl.real.identity(tuple_raw)
        dict = cdsl.real.identity(dict_raw)
        int = cdsl.real.identity(int_raw)
        str = cdsl.real.identity(str_raw)
        list = cdsl.real.identity(list_raw)
        len = cdsl.real.identity(len_raw)
        print = cdsl.prob.logistic(print_raw)
        super = cdsl.positive.exp(super_raw)
        object = cdsl.real.identity(object_raw)
        setter = cdsl.real.identity(setter_raw)
        staticmethod = cdsl.real.identity(staticmethod_raw)
        log_dets = cdsl.prob.logistic(log_dets_raw)
        log_dets_ = cdsl.prob.logistic(log_dets__raw)
        raw_ = cdsl.real.identity(raw__raw)
        value = cdsl.prob.logistic(value_raw)
        values = cdsl.prob.logistic(values_raw)
        name = cdsl.prob.logistic(name_raw)
        Declared = cdsl.real.identity(Declared_raw)
        ConstrainedModule = cdsl.real.identity(ConstrainedModule_raw)
        NamedTuple = cdsl.prob.logistic(NamedTuple_raw)
        OtherNames = cdsl.prob.logistic(OtherNames_raw)
        Tensor = cdsl.real.identity(Tensor_raw)
        Parameter = cdsl.real.identity(Parameter_raw)
        theta_raw = cdsl.real.identity(theta_raw_raw)
        pi = cdsl.real.identity(pi_raw)
        match = cdsl.real.identity(match_raw)
        case = cdsl.real.identity(case_raw)
        x = cdsl.real.identity(x_raw)
        return OtherNamesValues(
            prob,
            positive,
            simplex,
            interval,
            real,
            exp,
            logistic,
            tuple,
            dict,
            int,
            str,
            list,
            len,
            print,
            super,
            object,
            setter,
            staticmethod,
            log_dets,
            log_dets_,
            raw_,
            value,
            values,
            name,
            Declared,
            ConstrainedModule,
            NamedTuple,
            OtherNames,
            Tensor,
            Parameter,
            theta_raw,
            pi,
            match,
            case,
            x,
        )

    def _evaluate_with_log_dets(
        self, raw: cdsl.Raw
    ) -> cdsl.WithLogDets[OtherNamesValues]:
        (
            prob_raw,
            positive_raw,
            simplex_raw,
            interval_raw,
            real_raw,
            exp_raw,
            logistic_raw,
            tuple_raw,
            dict_raw,
            int_raw,
            str_raw,
            list_raw,
            len_raw,
            print_raw,
            super_raw,
            object_raw,
            setter_raw,
            staticmethod_raw,
            log_dets_raw,
            log_dets__raw,
            raw__raw,
            value_raw,
            values_raw,
            name_raw,
            Declared_raw,
            ConstrainedModule_raw,
            NamedTuple_raw,
            OtherNames_raw,
            Tensor_raw,
            Parameter_raw,
            theta_raw_raw,
            pi_raw,
            match_raw,
            case_raw,
            x_raw,
        ) = raw
        log_dets__: cdsl.LogDets = {}
        prob, log_dets__["prob"] = cdsl.prob.logistic.with_log_det(prob_raw)
        positive, log_dets__["positive"] = cdsl.positive.exp.with_log_det(positive_raw)
        simplex, log_dets__["simplex"] = cdsl.simplex.isometric_log_ratio.with_log_det(
            simplex_raw
        )
        interval, log_dets__["interval"] = cdsl.interval.logistic.with_log_det(
            interval_raw, 0.0, 1.0
        )
        real, log_dets__["real"] = cdsl.real.identity.with_log_det(real_raw)
        exp, log_dets__["exp"] = cdsl.positive.softplus.with_log_det(exp_raw)
        logistic, log_dets__["logistic"] = cdsl.prob.logistic.with_log_det(logistic_raw)
        tuple, log_dets__["tuple"] = cdsl.real.identity.with_log_det(tuple_raw)
        dict, log_dets__["dict"] = cdsl.real.identity.with_log_det(dict_raw)
        int, log_dets__["int"] = cdsl.real.identity.with_log_det(int_raw)
        str, log_dets__["str"] = cdsl.real.identity.with_log_det(str_raw)
        list, log_dets__["list"] = cdsl.real.identity.with_log_det(list_raw)
        len, log_dets__["len"] = cdsl.real.identity.with_log_det(len_raw)
        print, log_dets__["print"] = cdsl.prob.logistic.with_log_det(print_raw)
        super, log_dets__["super"] = cdsl.positive.exp.with_log_det(super_raw)
        object, log_dets__["object"] = cdsl.real.identity.with_log_det(object_raw)
        setter, log_dets__["setter"] = cdsl.real.identity.with_log_det(setter_raw)
        staticmethod, log_dets__["staticmethod"] = cdsl.real.identity.with_log_det(
            staticmethod_raw
        )
        log_dets, log_dets__["log_dets"] = cdsl.prob.logistic.with_log_det(log_dets_raw)
        log_dets_, log_dets__["log_dets_"] = cdsl.prob.logistic.with_log_det(
            log_dets__raw
        )
        raw_, log_dets__["raw_"] = cdsl.real.identity.with_log_det(raw__raw)
        value, log_dets__["value"] = cdsl.prob.logistic.with_log_det(value_raw)
        values, log_dets__["values"] = cdsl.prob.logistic.with_log_det(values_raw)
        name, log_dets__["name"] = cdsl.prob.logistic.with_log_det(name_raw)
        Declared, log_dets__["Declared"] = cdsl.real.identity.with_log_det(Declared_raw)
        ConstrainedModule, log_dets__["ConstrainedModule"] = (
            cdsl.real.identity.with_log_det(ConstrainedModule_raw)
        )
        NamedTuple, log_dets__["NamedTuple"] = cdsl.prob.logistic.with_log_det(
            NamedTuple_raw
        )
        OtherNames, log_dets__["OtherNames"] = cdsl.prob.logistic.with_log_det(
            OtherNames_raw
        )
        Tensor, log_dets__["Tensor"] = cdsl.real.identity.with_log_det(Tensor_raw)
        Parameter, log_dets__["Parameter"] = cdsl.real.identity.with_log_det(
            Parameter_raw
        )
        theta_raw, log_dets__["theta_raw"] = cdsl.real.identity.with_log_det(
            theta_raw_raw
        )
        pi, log_dets__["pi"] = cdsl.real.identity.with_log_det(pi_raw)
        match, log_dets__["match"] = cdsl.real.identity.with_log_det(match_raw)
        case, log_dets__["case"] = cdsl.real.identity.with_log_det(case_raw)
        x, log_dets__["x"] = cdsl.real.identity.with_log_det(x_raw, batch=1)
        return (
            OtherNamesValues(
                prob,
                positive,
                simplex,
                interval,
                real,
                exp,
                logistic,
                tuple,
                dict,
                int,
                str,
                list,
                len,
                print,
                super,
                object,
                setter,
                staticmethod,
                log_dets,
                log_dets_,
                raw_,
                value,
                values,
                name,
                Declared,
                ConstrainedModule,
                NamedTuple,
                OtherNames,
                Tensor,
                Parameter,
                theta_raw,
                pi,
                match,
                case,
                x,
            ),
            log_dets__,
        )

    @property
    def prob(self) -> torch.Tensor:
        """`prob via logistic`"""
        return cdsl.prob.logistic(self.prob_raw.squeeze(0))

    @prob.setter
    def prob(self, value: cdsl.Settable) -> None:
        self.assign_(prob=value)

    @property
    def positive(self) -> torch.Tensor:
        """`positive via exp`"""
        return cdsl.positive.exp(self.positive_raw.squeeze(0))

    @positive.setter
    def positive(self, value: cdsl.Settable) -> None:
        self.assign_(positive=value)

    @property
    def simplex(self) -> torch.Tensor:
        """`simplex[3] via isometric_log_ratio`"""
        return cdsl.simplex.isometric_log_ratio(self.simplex_raw)

    @simplex.setter
    def simplex(self, value: cdsl.Settable) -> None:
        self.assign_(simplex=value)

    @property
    def interval(self) -> torch.Tensor:
        """`interval(0.0, 1.0) via logistic`"""
        return cdsl.interval.logistic(self.interval_raw.squeeze(0), 0.0, 1.0)

    @interval.setter
    def interval(self, value: cdsl.Settable) -> None:
        self.assign_(interval=value)

    @property
    def real(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.real_raw.squeeze(0))

    @real.setter
    def real(self, value: cdsl.Settable) -> None:
        self.assign_(real=value)

    @property
    def exp(self) -> torch.Tensor:
        """`positive via softplus`"""
        return cdsl.positive.softplus(self.exp_raw.squeeze(0))

    @exp.setter
    def exp(self, value: cdsl.Settable) -> None:
        self.assign_(exp=value)

    @property
    def logistic(self) -> torch.Tensor:
        """`prob via logistic`"""
        return cdsl.prob.logistic(self.logistic_raw.squeeze(0))

    @logistic.setter
    def logistic(self, value: cdsl.Settable) -> None:
        self.assign_(logistic=value)

    @property
    def tuple(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.tuple_raw.squeeze(0))

    @tuple.setter
    def tuple(self, value: cdsl.Settable) -> None:
        self.assign_(tuple=value)

    @property
    def dict(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.dict_raw.squeeze(0))

    @dict.setter
    def dict(self, value: cdsl.Settable) -> None:
        self.assign_(dict=value)

    @property
    def int(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.int_raw.squeeze(0))

    @int.setter
    def int(self, value: cdsl.Settable) -> None:
        self.assign_(int=value)

    @property
    def str(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.str_raw.squeeze(0))

    @str.setter
    def str(self, value: cdsl.Settable) -> None:
        self.assign_(str=value)

    @property
    def list(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.list_raw.squeeze(0))

    @list.setter
    def list(self, value: cdsl.Settable) -> None:
        self.assign_(list=value)

    @property
    def len(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.len_raw.squeeze(0))

    @len.setter
    def len(self, value: cdsl.Settable) -> None:
        self.assign_(len=value)

    @property
    def print(self) -> torch.Tensor:
        """`prob via logistic`"""
        return cdsl.prob.logistic(self.print_raw.squeeze(0))

    @print.setter
    def print(self, value: cdsl.Settable) -> None:
        self.assign_(print=value)

    @property
    def super(self) -> torch.Tensor:
        """`positive via exp`"""
        return cdsl.positive.exp(self.super_raw.squeeze(0))

    @super.setter
    def super(self, value: cdsl.Settable) -> None:
        self.assign_(super=value)

    @property
    def object(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.object_raw.squeeze(0))

    @object.setter
    def object(self, value: cdsl.Settable) -> None:
        self.assign_(object=value)

    @property
    def setter(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.setter_raw.squeeze(0))

    @setter.setter
    def setter(self, value: cdsl.Settable) -> None:
        self.assign_(setter=value)

    @property
    def staticmethod(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.staticmethod_raw.squeeze(0))

    @staticmethod.setter
    def staticmethod(self, value: cdsl.Settable) -> None:
        self.assign_(staticmethod=value)

    @property
    def log_dets(self) -> torch.Tensor:
        """`prob via logistic`"""
        return cdsl.prob.logistic(self.log_dets_raw.squeeze(0))

    @log_dets.setter
    def log_dets(self, value: cdsl.Settable) -> None:
        self.assign_(log_dets=value)

    @property
    def log_dets_(self) -> torch.Tensor:
        """`prob via logistic`"""
        return cdsl.prob.logistic(self.log_dets__raw.squeeze(0))

    @log_dets_.setter
    def log_dets_(self, value: cdsl.Settable) -> None:
        self.assign_(log_dets_=value)

    @property
    def raw_(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.raw__raw.squeeze(0))

    @raw_.setter
    def raw_(self, value: cdsl.Settable) -> None:
        self.assign_(raw_=value)

    @property
    def value(self) -> torch.Tensor:
        """`prob via logistic`"""
        return cdsl.prob.logistic(self.value_raw.squeeze(0))

    @value.setter
    def value(self, value: cdsl.Settable) -> None:
        self.assign_(value=value)

    @property
    def values(self) -> torch.Tensor:
        """`prob via logistic`"""
        return cdsl.prob.logistic(self.values_raw.squeeze(0))

    @values.setter
    def values(self, value: cdsl.Settable) -> None:
        self.assign_(values=value)

    @property
    def name(self) -> torch.Tensor:
        """`prob via logistic`"""
        return cdsl.prob.logistic(self.name_raw.squeeze(0))

    @name.setter
    def name(self, value: cdsl.Settable) -> None:
        self.assign_(name=value)

    @property
    def Declared(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.Declared_raw.squeeze(0))

    @Declared.setter
    def Declared(self, value: cdsl.Settable) -> None:
        self.assign_(Declared=value)

    @property
    def ConstrainedModule(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.ConstrainedModule_raw.squeeze(0))

    @ConstrainedModule.setter
    def ConstrainedModule(self, value: cdsl.Settable) -> None:
        self.assign_(ConstrainedModule=value)

    @property
    def NamedTuple(self) -> torch.Tensor:
        """`prob via logistic`"""
        return cdsl.prob.logistic(self.NamedTuple_raw.squeeze(0))

    @NamedTuple.setter
    def NamedTuple(self, value: cdsl.Settable) -> None:
        self.assign_(NamedTuple=value)

    @property
    def OtherNames(self) -> torch.Tensor:
        """`prob via logistic`"""
        return cdsl.prob.logistic(self.OtherNames_raw.squeeze(0))

    @OtherNames.setter
    def OtherNames(self, value: cdsl.Settable) -> None:
        self.assign_(OtherNames=value)

    @property
    def Tensor(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.Tensor_raw.squeeze(0))

    @Tensor.setter
    def Tensor(self, value: cdsl.Settable) -> None:
        self.assign_(Tensor=value)

    @property
    def Parameter(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.Parameter_raw.squeeze(0))

    @Parameter.setter
    def Parameter(self, value: cdsl.Settable) -> None:
        self.assign_(Parameter=value)

    @property
    def theta_raw(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.theta_raw_raw.squeeze(0))

    @theta_raw.setter
    def theta_raw(self, value: cdsl.Settable) -> None:
        self.assign_(theta_raw=value)

    @property
    def pi(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.pi_raw.squeeze(0))

    @pi.setter
    def pi(self, value: cdsl.Settable) -> None:
        self.assign_(pi=value)

    @property
    def match(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.match_raw.squeeze(0))

    @match.setter
    def match(self, value: cdsl.Settable) -> None:
        self.assign_(match=value)

    @property
    def case(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.case_raw.squeeze(0))

    @case.setter
    def case(self, value: cdsl.Settable) -> None:
        self.assign_(case=value)

    @property
    def x(self) -> torch.Tensor:
        """`real[2] via identity`"""
        return cdsl.real.identity(self.x_raw)

    @x.setter
    def x(self, value: cdsl.Settable) -> None:
        self.assign_(x=value)
