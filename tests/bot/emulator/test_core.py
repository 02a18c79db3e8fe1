"""smoke"""
from slack_sdk.web.async_client import AsyncWebClient
from slack_bolt.app.async_app import AsyncApp
from bot.emulator.server import Emulator
from tests.bot.emulator.conftest import *

async def _flow(slack, client, app):
    seen = []
    async def ask(ack, body, client):
        seen.append(body)
        await client.views_open(trigger_id=body["trigger_id"], view=form("f", field("title"), section("x")))
        await ack("hello")
    app.command("/ask")(ask)
    async def sub(ack, body):
        seen.append(body)
        if body["view"]["state"]["values"]["title"]["title"]["value"] == "bad":
            return await ack(response_action="errors", errors={"title": "no"})
        await ack()
    app.view("f")(sub)
    async def go(ack, body, respond):
        seen.append(body)
        await ack()
        await respond("pressed", replace_original=True)
    app.action("go")(go)
    async def msg(body):
        seen.append(body)
    app.event("message")(msg)
    ana = slack.person("U0ANA")
    out = await ana.command("C0HELP", "/ask", "@ben <hi> #other")
    print(out)
    assert out.ok and out.view["callback_id"] == "f"
    assert out.ephemerals[0]["text"] == "hello"
    assert seen[0]["text"] == "<@U0BEN> &lt;hi&gt; <#C0OTHER|other>"
    out = await ana.submit({"title": "bad"})
    assert out.errors == {"title": "no"} and out.view
    out = await ana.submit({"title": "good"})
    assert out.ok and out.view is None
    m = await client.chat_postMessage(channel="C0HELP", text="x", blocks=[section("hi"), button("go")])
    out = await ana.press("C0HELP", m["ts"], "go")
    assert out.ok, out
    await slack.until(lambda: ana.sees("C0HELP")[-1]["text"] == "pressed")
    await ana.says("C0HELP", "hey @baton")
    await slack.until(lambda: seen[-1].get("event", {}).get("text") == "hey <@U0BATON>")
    await slack.settled()
    assert not slack.refused
    print(slack.traffic.last(30))

async def test_socket(slack, client, app):
    await _flow(slack, client, app)

async def test_http(slack, client, served):
    await _flow(slack, client, served)
