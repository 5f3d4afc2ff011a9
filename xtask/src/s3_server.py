"""An S3 server with one bucket and one account, which checks every signature; its address is the first line."""

import json
import logging
import sys
import threading

import boto3
from moto.core import set_initial_no_auth_action_count
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

REGION = "us-east-1"
BUCKET = "loggia-tests"
USER = "loggia"

# The server's own lines for each request would bury everything else.
logging.getLogger("werkzeug").setLevel(logging.ERROR)


def client(service, address, key, secret):
    return boto3.client(
        service,
        endpoint_url="http://" + address,
        region_name=REGION,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
    )


def account(address):
    """An account that may do everything with objects; made before signatures are checked."""
    iam = client("iam", address, "setup", "setup")
    everything = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam.create_user(UserName=USER)
    iam.put_user_policy(UserName=USER, PolicyName="everything", PolicyDocument=policy)
    made = iam.create_access_key(UserName=USER)["AccessKey"]
    return made["AccessKeyId"], made["SecretAccessKey"]


class OneByOne:
    """A condition and what it guards are one step, which moto by itself does not promise."""

    def __init__(self, application):
        self.application = application
        self.lock = threading.Lock()

    def __call__(self, environment, start):
        with self.lock:
            return list(self.application(environment, start))


@set_initial_no_auth_action_count(0)
def serve(url):
    print(url, flush=True)
    # The end of standard input is the sign to end, in whatever way the other side ended.
    sys.stdin.read()


application = OneByOne(DomainDispatcherApplication(create_backend_app))
server = make_server("127.0.0.1", 0, application, threaded=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"127.0.0.1:{server.server_port}"
key, secret = account(address)
client("s3", address, key, secret).create_bucket(Bucket=BUCKET)
escaped = secret.replace("/", "%2F").replace("+", "%2B")
serve(f"http://{key}:{escaped}@{address}/{BUCKET}")
