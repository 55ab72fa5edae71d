"""What the server as a whole refuses: a setting, an address, a figure or a decision it cannot serve."""

from __future__ import annotations

from forms.problems import Problem


class ZoneUnknown(Problem):
    """A time zone nobody knows."""

    sentence = "There is no time zone “{name}”. Write it as Asia/Ho_Chi_Minh or UTC."


class SettingUnusable(Problem):
    """An environment variable that says what the server cannot do. The value may be secret: not shown."""

    sentence = "The setting {name} cannot be used: it has to be {wanted}."


class AddressTaken(Problem):
    """Two programs at one port."""

    sentence = (
        "Another program already listens at {host}, port {port}. Stop it, or choose another port "
        "with the setting PORT."
    )


class AddressUnusable(Problem):
    """A host that is not this machine, or a port this account may not open."""

    sentence = (
        "The server cannot listen at {host}, port {port} ({reason}). Change the settings HOST and PORT."
    )


class MetricsElsewhere(Problem):
    """The server's own figures are asked for from a place no setting names."""

    sentence = (
        "The figures of the server itself are read on its own machine. To read them from elsewhere, name "
        "that network in the setting COLLECTOR_METRICS_NETWORKS, and the proxies in COLLECTOR_PROXY_COUNT."
    )


class ServerSilent(Problem):
    """Another server that cannot be reached, or answers what no ODK server would."""

    sentence = (
        "The server at {address} does not answer as an ODK server does. Check the address and the line."
    )


class ServerRefuses(Problem):
    """Another server that says no."""

    sentence = (
        "The other server refused {address} with status {status}. Check the account there, the project and "
        "the form id."
    )


class IndicatorNotMeasured(Problem):
    """An indicator that no single question to the database answers."""

    sentence = (
        "The indicator “{code}” rests on several tables, and is worked out ahead, not for this question. "
        "Ask for its figures by period."
    )


class SideUnknown(Problem):
    """A side that a figure does not have."""

    sentence = "A figure has no side “{side}”. Its rows are asked for by one of: {known}."


class TooManyFigures(Problem):
    """More figures than one workbook is made of."""

    sentence = (
        "These are {count} figures; a workbook holds at most {limit}. Narrow them by place, level, period or "
        "indicator, or take the CSV file."
    )


class TooManyExports(Problem):
    """More files and feeds fetched at once than one account may."""

    sentence = (
        "You are fetching {count} files or feeds at once, which is as many as one account may. Wait until "
        "one of them has come, then ask again."
    )


class ServerExports(Problem):
    """As many files and feeds on their way as a process sends."""

    sentence = "The server is sending as many files and feeds as it can just now. Ask again in a minute."


class DecisionUnknown(Problem):
    """A decision or an option the programme does not have."""

    sentence = (
        "There is no option “{option}” of a decision “{decision}”. Load the page again and choose anew."
    )


class BodyUnreadable(Problem):
    """Not JSON, or not an object."""

    sentence = "The body of the request cannot be read as a JSON object. Send one, in UTF-8."


class ParametersMissing(Problem):
    """A request without what it needs."""

    sentence = "The request lacks {expected}. Add what is missing and send it again."


class ParameterWrong(Problem):
    """A value of another type, or one that cannot be."""

    sentence = "The value of {field} cannot be used: {reason}."


class FileDisguised(Problem):
    """A program or archive under a picture's name."""

    sentence = (
        "The file “{name}” is not what its name says (it holds {kind}). "
        "Nothing was stored; take the picture or recording again."
    )


class WebFormsNotBuilt(Problem):
    """A form for the browser on a server without the front end that shows it."""

    sentence = (
        "Forms cannot be filled in a browser on this server yet: the pages for it were not built. Fill the "
        "form in with ODK Collect, or ask whoever keeps the server to run “make web”."
    )
