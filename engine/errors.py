"""
What can go wrong between us and Temporal.

    EngineError
    ├── ConfigError                 a setting is missing or wrong; nothing was started
    │   └── KeysDiffer              a worker of our task queue has other payload keys than we
    ├── ServerNotFound              no server to embed: none of the four ways to get one worked
    ├── ServerFailed                the embedded server did not start, or is already running
    ├── NotConnected                no server answers, or it does not let us in
    ├── SearchAttributesMissing     the server lacks our search attributes and we may not add them
    ├── WorkerStopped               the worker of `up` ended by itself
    └── PayloadError                a payload cannot be read
        ├── UnknownPayloadKey       its key is not in the key ring
        └── DamagedPayload          it was changed, cut short or encrypted by someone else

Every message is one line that names the place and the remedy, and holds no payload, key or personal value.
The class name is the stable error type for programs.
"""


class EngineError(Exception):
    """The root: a command prints ``Error: <message> [<class name>]`` and leaves with code 1."""


class ConfigError(EngineError):
    pass


class KeysDiffer(ConfigError):  # noqa: N818 - the name is the error type that users see
    pass


class ServerNotFound(EngineError):  # noqa: N818
    pass


class ServerFailed(EngineError):  # noqa: N818
    pass


class NotConnected(EngineError):  # noqa: N818
    pass


class SearchAttributesMissing(EngineError):  # noqa: N818
    pass


class WorkerStopped(EngineError):  # noqa: N818
    pass


class PayloadError(EngineError):
    pass


class UnknownPayloadKey(PayloadError):  # noqa: N818
    pass


class DamagedPayload(PayloadError):  # noqa: N818
    pass
