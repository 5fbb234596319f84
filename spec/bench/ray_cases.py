"""The cases of the suite as Ray runs them.

    ray_cases.py --list     prints the names of the cases
    ray_cases.py CPUS       reads requests from stdin, a line of JSON each, and answers with lines

{"case": name, "size": size} makes a case ready, or does it if it is done only once; {"seconds": s} runs
what was made ready for so long. Each answer is {"figure": number}: units per second, or seconds.
"""

import json
import sys
import time

import numpy as np
import ray

MEGABYTE = 1_000_000
LENGTH = 10_000  # of the lists in the cases of scalability
N = 4  # actors on each side, as in the cases of rayx

sampled = {}
whole = {}


def case(table, name):
    def add(make):
        table[name] = make
        return make

    return add


def scaled(count, size):
    return max(1, round(count * size))


@ray.remote
def small_value():
    return "ok"


@ray.remote
def put_small(count):
    for _ in range(count):
        ray.put(0)


@ray.remote
def put_large(count, length):
    for _ in range(count):
        ray.put(np.zeros(length))


@ray.remote
def refs_inside(count):
    return [ray.put(1) for _ in range(count)]


@ray.remote
def ends(array):
    return array[0] + array[-1]


@ray.remote
def add_all(*numbers):
    return sum(numbers)


@ray.remote
def sum_of_sums(*lists):
    return sum(sum(numbers) for numbers in lists)


@ray.remote
def count_to(lists, length):
    return [list(range(length)) for _ in range(lists)]


@ray.remote
def nothing():
    pass


@ray.remote(num_cpus=0)
class Server:
    def small_value(self):
        return "ok"

    def small_value_arg(self, x):
        return "ok"


@ray.remote(num_cpus=0, max_concurrency=1000)
class AsyncServer:
    async def small_value(self):
        return "ok"

    async def small_value_arg(self, x):
        return "ok"


@ray.remote(num_cpus=0)
class Client:
    def __init__(self, servers=()):
        self.servers = servers

    def task_batch(self, n):
        return len(ray.get([small_value.remote() for _ in range(n)]))

    def small_value_batch(self, n):
        refs = [server.small_value.remote() for server in self.servers for _ in range(n)]
        return len(ray.get(refs))

    def small_value_batch_arg(self, n):
        x = ray.put(0)
        refs = [server.small_value_arg.remote(x) for server in self.servers for _ in range(n)]
        return len(ray.get(refs))


@ray.remote
def call_in_turns(servers, n):
    return len(ray.get([servers[i % len(servers)].small_value.remote() for i in range(n)]))


def task_batch(n):
    values = ray.get([small_value.remote() for _ in range(n)])
    assert values == ["ok"] * n


# Sampled cases: each answers with what a run counts for, and the run.


@case(sampled, "single client tasks sync")
def tasks_sync(size):
    return 1, lambda: task_batch(1)


@case(sampled, "single client tasks async")
def tasks_async(size):
    n = scaled(1000, size)
    return n, lambda: task_batch(n)


@case(sampled, "single client tasks and get batch")
def tasks_and_get_batch(size):
    n = scaled(1000, size)
    return 1, lambda: task_batch(n)


@case(sampled, "multi client tasks async")
def multi_client_tasks(size):
    n = scaled(10_000, size)
    clients = [Client.remote() for _ in range(4)]
    return n * 4, lambda: ray.get([client.task_batch.remote(n) for client in clients])


def actor_batch(make, call=lambda server, i: server.small_value.remote()):
    def prepare(size):
        n = scaled(1000, size)
        server = make()
        return n, lambda: ray.get([call(server, i) for i in range(n)])

    return prepare


def one_by_one(make):
    def prepare(size):
        server = make()
        return 1, lambda: ray.get(server.small_value.remote())

    return prepare


def one_to_many(make):
    def prepare(size):
        n = scaled(5000, size)
        client = Client.remote([make() for _ in range(N)])
        return n * N, lambda: ray.get(client.small_value_batch.remote(n))

    return prepare


def many_to_many(make):
    def prepare(size):
        n = scaled(5000, size)
        servers = [make() for _ in range(N)]
        return n * N, lambda: ray.get([call_in_turns.remote(servers, n) for _ in range(N)])

    return prepare


def call_with_number(server, i):
    return server.small_value_arg.remote(i)


def concurrent_server():
    return Server.options(max_concurrency=16).remote()


sampled["1:1 actor calls sync"] = one_by_one(Server.remote)
sampled["1:1 actor calls async"] = actor_batch(Server.remote)
sampled["1:1 actor calls concurrent"] = actor_batch(concurrent_server)
sampled["1:n actor calls async"] = one_to_many(Server.remote)
sampled["n:n actor calls async"] = many_to_many(Server.remote)
sampled["1:1 async-actor calls sync"] = one_by_one(AsyncServer.remote)
sampled["1:1 async-actor calls async"] = actor_batch(AsyncServer.remote)
sampled["1:1 async-actor calls with args async"] = actor_batch(AsyncServer.remote, call_with_number)
sampled["1:n async-actor calls async"] = one_to_many(AsyncServer.remote)
sampled["n:n async-actor calls async"] = many_to_many(AsyncServer.remote)


@case(sampled, "n:n actor calls with arg async")
def many_to_many_with_argument(size):
    n = scaled(1000, size)
    clients = [Client.remote([Server.remote()]) for _ in range(N)]
    return n * N, lambda: ray.get([client.small_value_batch_arg.remote(n) for client in clients])


@case(sampled, "single client get calls")
def get_calls(size):
    value = ray.put(0)
    return 1, lambda: ray.get(value)


@case(sampled, "single client put calls")
def put_calls(size):
    return 1, lambda: ray.put(0)


@case(sampled, "multi client put calls")
def multi_client_put_calls(size):
    n = scaled(100, size)
    return 10 * n, lambda: ray.get([put_small.remote(n) for _ in range(10)])


@case(sampled, "single client get object containing 10k refs")
def get_object_containing_refs(size):
    refs = refs_inside.remote(scaled(10_000, size))
    return 1, lambda: ray.get(refs)


@case(sampled, "single client wait 1k refs")
def wait_refs(size):
    n = scaled(1000, size)

    def run():
        rest = [small_value.remote() for _ in range(n)]
        for i in range(n):
            _, rest = ray.wait(rest, fetch_local=i == 0)
        assert not rest

    return 1, run


@case(sampled, "task reading a 100 MB ref")
def task_reading_ref(size):
    array = ray.put(np.ones(scaled(100 * MEGABYTE, size) // 8))
    return 1, lambda: ray.get(ends.remote(array))


# Whole cases: each answers with its figure.


def timed(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@case(whole, "single client put gigabytes")
def put_gigabytes(size):
    array = np.ones(scaled(800 * MEGABYTE, size) // 8)
    return array.nbytes / 1e9 / timed(lambda: ray.put(array))


@case(whole, "multi client put gigabytes")
def multi_client_put_gigabytes(size):
    length = scaled(80 * MEGABYTE, size) // 8
    seconds = timed(lambda: ray.get([put_large.remote(10, length) for _ in range(10)]))
    return 100 * 8 * length / 1e9 / seconds


@case(whole, "10,000 arguments to a task")
def many_arguments(size):
    numbers = range(scaled(10_000, size))
    return timed(lambda: ray.get(add_all.remote(*numbers)))


@case(whole, "10,000 lists as arguments to a task")
def many_lists_as_arguments(size):
    lists = [[1] * LENGTH for _ in range(scaled(10_000, size))]
    return timed(lambda: ray.get(sum_of_sums.remote(*lists)))


def returns(lists, length):
    call = count_to.options(num_returns=lists)
    if lists > 1:
        return timed(lambda: ray.get(call.remote(lists, length)))
    return timed(lambda: ray.get(count_to.remote(lists, length)))


@case(whole, "3,000 returns")
def many_returns(size):
    return returns(scaled(3000, size), 1)


@case(whole, "3,000 lists as returns")
def many_lists_as_returns(size):
    return returns(scaled(3000, size), LENGTH)


def put_and_get(count, make):
    values = ray.get([ray.put(make()) for _ in range(count)])
    assert len(values) == count


@case(whole, "get of 10,000 objects")
def get_objects(size):
    return timed(lambda: put_and_get(scaled(10_000, size), lambda: [1]))


@case(whole, "get of 10,000 lists and 10,000 arrays")
def get_lists_and_arrays(size):
    n = scaled(10_000, size)

    def work():
        put_and_get(n, lambda: list(range(LENGTH)))
        put_and_get(n, lambda: np.ones(LENGTH))

    return timed(work)


@case(whole, "1,000,000 queued tasks")
def queued_tasks(size):
    def work():
        for ref in [nothing.remote() for _ in range(scaled(1_000_000, size))]:
            assert ray.get(ref) is None

    return timed(work)


def slice_of(amount, run, seconds):
    runs = 0
    start = time.perf_counter()
    while runs == 0 or time.perf_counter() - start < seconds:
        run()
        runs += 1
    return amount * runs / (time.perf_counter() - start)


def main():
    if sys.argv[1] == "--list":
        print(json.dumps([*sampled, *whole]))
        return
    ray.init(num_cpus=int(sys.argv[1]), logging_level="error", include_dashboard=False)
    work = None
    for line in sys.stdin:
        request = json.loads(line)
        figure = 0
        if "seconds" in request:
            figure = slice_of(*work, request["seconds"])
        elif request["case"] in sampled:
            work = sampled[request["case"]](request["size"])
        else:
            ray.get([nothing.remote(), nothing.remote()])
            figure = whole[request["case"]](request["size"])
        print(json.dumps({"figure": figure}), flush=True)
    ray.shutdown()


main()
