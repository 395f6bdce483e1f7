"""ImportService's methods about schedules: translate, use case, translate."""

from google.longrunning import operations_pb2
from google.protobuf.empty_pb2 import Empty

from orchestrator.application.imports import schedules
from orchestrator.application.ports import Ports
from orchestrator.domain.names import ScheduleName, parse_collection, parse_schedule
from orchestrator.grpc_api.faces import FACES
from orchestrator.grpc_api.field_mask import masked_fields
from orchestrator.grpc_api.interceptors import Context
from orchestrator.grpc_api.translate.imports import from_plan
from orchestrator.grpc_api.translate.operation import to_operation
from orchestrator.grpc_api.translate.schedule import CHANGEABLE, from_changes, to_schedule
from sightline.v1 import import_service_pb2, import_service_pb2_grpc, schedule_pb2


class ScheduleMethods(import_service_pb2_grpc.ImportServiceServicer):
    """Schedules over gRPC."""

    _ports: Ports

    async def CreateSchedule(
        self, request: import_service_pb2.CreateScheduleRequest, context: Context
    ) -> schedule_pb2.Schedule:
        """Creates a schedule."""
        parent, given = parse_collection(request.parent, "parent"), request.schedule
        created = await schedules.create_schedule(
            self._ports,
            name=ScheduleName(parent.collection, request.schedule_id),
            plan=from_plan(parent, given.source, given.options),
            cron=given.cron,
            time_zone=given.time_zone,
            display_name=given.display_name,
            paused=given.paused,
        )
        return to_schedule(created)

    async def GetSchedule(
        self, request: import_service_pb2.GetScheduleRequest, context: Context
    ) -> schedule_pb2.Schedule:
        """Gets a schedule."""
        return to_schedule(await schedules.get_schedule(self._ports, parse_schedule(request.name)))

    async def ListSchedules(
        self, request: import_service_pb2.ListSchedulesRequest, context: Context
    ) -> import_service_pb2.ListSchedulesResponse:
        """Lists schedules."""
        found, token = await schedules.list_schedules(
            self._ports,
            parent=parse_collection(request.parent, "parent"),
            page_size=request.page_size,
            page_token=request.page_token,
        )
        return import_service_pb2.ListSchedulesResponse(
            schedules=[to_schedule(each) for each in found], next_page_token=token
        )

    async def UpdateSchedule(
        self, request: import_service_pb2.UpdateScheduleRequest, context: Context
    ) -> schedule_pb2.Schedule:
        """Changes a schedule."""
        given = request.schedule
        fields = masked_fields(given, request.update_mask, changeable=CHANGEABLE)
        changed = await schedules.update_schedule(
            self._ports,
            name=parse_schedule(given.name, "schedule.name"),
            changes=from_changes(given, fields),
            etag=given.etag,
        )
        return to_schedule(changed)

    async def DeleteSchedule(
        self, request: import_service_pb2.DeleteScheduleRequest, context: Context
    ) -> Empty:
        """Deletes a schedule."""
        await schedules.delete_schedule(self._ports, parse_schedule(request.name), etag=request.etag)
        return Empty()

    async def RunSchedule(
        self, request: import_service_pb2.RunScheduleRequest, context: Context
    ) -> operations_pb2.Operation:
        """Runs a schedule now."""
        operation = await schedules.run_schedule(self._ports, parse_schedule(request.name))
        return await to_operation(self._ports, operation, FACES)
