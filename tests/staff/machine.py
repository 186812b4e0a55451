"""A machine's side of pairing and tokens, in tests."""

from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey

from amis.kernel import clock
from amis.staff.schemas import JWT_BEARER

AUDIENCE = "http://localhost:8000/machine/v1/token"


class Device:
    """A key and the calls that a machine makes with it."""

    def __init__(self):
        self.key = ECKey.generate_key("P-256")
        self.id = ""

    async def pair(self, client, code):
        answer = await client.post("/machine/v1/pair", json={"code": code, "jwk": self.key.as_dict(private=False)})
        if answer.status_code == 200:
            self.id = answer.json()["machine_id"]
        return answer

    def assertion(self, **changes):
        now = int(clock.now().timestamp())
        claims = {"iss": self.id, "sub": self.id, "aud": AUDIENCE, "iat": now, "exp": now + 60, "jti": str(uuid4())}
        return jwt.encode({"alg": "ES256"}, claims | changes, self.key)

    async def ask(self, client, assertion=None, **changes):
        form = {"client_assertion_type": JWT_BEARER, "client_assertion": assertion or self.assertion()}
        return await client.post("/machine/v1/token", data=form | {"grant_type": "client_credentials"} | changes)
