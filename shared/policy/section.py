"""What every section of the policy shares: frozen, strict, closed to keys that it does not know."""

from pydantic import BaseModel, ConfigDict, model_validator


class Section(BaseModel):
    """A mapping of the policy file. Left out, or written without a value, it is all defaults."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        validate_default=True,
        populate_by_name=True,
        serialize_by_alias=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_the_defaults(cls, value: object) -> object:
        # `size:` with every line below it commented out is YAML for null.
        return {} if value is None else value


class Kind:
    """A marker inside `Annotated`: how the reference names a type to people."""

    def __init__(self, words: str) -> None:
        self.words = words
