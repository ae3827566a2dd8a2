# python verify.py SECRET ID TIMESTAMP SIGNATURE <BODY: says whether the official library takes it for genuine.
import sys
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

secret, message_id, timestamp, signature = sys.argv[1:]
headers = {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": signature}
try:
    Webhook(secret).verify(sys.stdin.buffer.read(), headers)
    print("true")
except WebhookVerificationError:
    print("false")
