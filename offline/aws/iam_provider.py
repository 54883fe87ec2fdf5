"""Identity providers of IAM: whose tokens an account takes for a login."""

from botocore.exceptions import ClientError

from offline.plugin.naming import present
from offline.plugin.table import TAGS, Property, ResourceType
from offline.plugin.wire import State

from .call import Call
from .invoke import lookup
from .tags import retag, tag_list, tag_map
from .waiting import error_code


def _create(call: Call) -> str:
    answer = call.client("iam").create_open_id_connect_provider(
        Url=call.props["url"],
        ClientIDList=call.props["clientIdLists"],
        Tags=tag_list(call.tags),
        **present(ThumbprintList=call.props.get("thumbprintLists")),
    )
    return str(answer["OpenIDConnectProviderArn"])


def _facts(call: Call, arn: str) -> State:
    told = call.client("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    return {
        "arn": arn,
        "url": told["Url"].removeprefix("https://"),
        "clientIdLists": sorted(told.get("ClientIDList") or []),
        "thumbprintLists": list(told.get("ThumbprintList") or []),
        "tags": tag_map(told.get("Tags")),
    }


def _update(call: Call, changed: frozenset[str]) -> None:
    iam, arn = call.client("iam"), {"OpenIDConnectProviderArn": call.id}
    if "clientIdLists" in changed:
        wanted, had = set(call.props["clientIdLists"]), set(call.olds["clientIdLists"])
        for client in sorted(wanted - had):
            iam.add_client_id_to_open_id_connect_provider(**arn, ClientID=client)
        for client in sorted(had - wanted):
            iam.remove_client_id_from_open_id_connect_provider(**arn, ClientID=client)
    if "thumbprintLists" in changed:
        iam.update_open_id_connect_provider_thumbprint(
            **arn, ThumbprintList=call.props.get("thumbprintLists") or []
        )
    if "tagsAll" in changed:
        retag(call, iam.tag_open_id_connect_provider, iam.untag_open_id_connect_provider, arn)


def _delete(call: Call) -> None:
    call.client("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=call.id)


def _same_url(one: str, other: str) -> bool:
    return one.removeprefix("https://") == other.removeprefix("https://")


def _find(call: Call) -> State:
    arn, url = call.props.get("arn"), call.props.get("url")
    if bool(arn) == bool(url):
        raise LookupError("one of arn and url must be given")
    listed = call.client("iam").list_open_id_connect_providers if url else None
    if listed is not None:
        arns = [each["Arn"] for each in listed()["OpenIDConnectProviderList"]]
        host = str(url).removeprefix("https://")
        arn = next((each for each in arns if each.partition("oidc-provider/")[2] == host), "")
    try:
        facts = _facts(call, str(arn))
    except ClientError as error:
        if error_code(error) not in ("NoSuchEntity", "NoSuchEntityException", "ValidationError"):
            raise
        raise LookupError(f"identity provider '{arn or url}' does not exist") from error
    return {**facts, "id": facts["arn"]}


PROVIDER = ResourceType(
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    properties={
        "url": Property(_same_url, required=True, replaces=True),
        "clientIdLists": Property("set", required=True),
        "thumbprintLists": Property(computed=True),
        "tags": TAGS,
    },
    outputs=frozenset({"arn", "tagsAll"}),
    create=_create,
    read=lambda call: _facts(call, call.id),
    update=_update,
    delete=_delete,
)

FIND_PROVIDER = lookup(
    "iam/getOpenIdConnectProvider",
    "arn tags url",
    "arn clientIdLists id tags thumbprintLists url",
    _find,
)
