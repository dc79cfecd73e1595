"""An answer as a Structured Report: estimate, matched cases, words of caution, and who says so.

The template is TID 1500, Measurement Report (PS3.16). Each diagnosis of the estimate and each match
is a measurement group of its own (TID 1501), with the model that measured it (TID 4019). It is
marked as neither complete, verified nor final: no clinician has looked at it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from highdicom import sr
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from inference.cautions import FLAGS
from inference.consultation import Answer
from inference.diagnoses import CONFIRMATIONS, DIAGNOSES, OTHERS, diagnosis_name
from inference.encoder import Manifest
from inference.export.dicom.study import MANUFACTURER, SCHEME, new_uid, own_version
from inference.search import Match

_SNOMED = {one.abbreviation: one.snomed for one in (*DIAGNOSES, *OTHERS) if one.snomed}
_SIMILARITY = Code("similarity", SCHEME, "Cosine similarity of embeddings")
_CONFIRMATION = Code("confirmation", SCHEME, "How the diagnosis of the case was confirmed")
_CAUTION = Code("caution", SCHEME, "Word of caution")
_MOST_LETTERS = 64


@dataclass(frozen=True, slots=True, eq=False)
class _Measured:
    """What every measurement group says: which model measured, and in which picture."""

    algorithm: sr.AlgorithmIdentification
    source: sr.SourceImageForMeasurementGroup


def measurement_report(
    answer: Answer, model: Manifest, library: str, *, source: Dataset
) -> sr.ComprehensiveSR:
    """Return a report of an answer.

    Args:
        answer: to the picture in ``source``.
        model: the encoder's manifest entry.
        library: name of the library that was searched.
        source: the picture as a DICOM object; patient and study are taken from it.
    """
    measured = _Measured(
        sr.AlgorithmIdentification(
        name=_short(model.title), version=model.name, manufacturer=MANUFACTURER,
        parameters=[f"SHA-256 of the model: {model.sha256}", f"Library: {library}"],
        ),
        # Not in an Image Library (TID 1600): highdicom does not know Dermoscopic Photography there.
        sr.SourceImageForMeasurementGroup(source.SOPClassUID, source.SOPInstanceUID),
    )  # fmt: skip
    groups = [
        *(_estimated(name, p, measured) for name, p in answer.estimate.items()),
        *(_matched(match, measured) for match in answer.matches),
    ]
    if answer.flags:
        groups.append(_cautions(answer.flags, measured))
    device = sr.DeviceObserverIdentifyingAttributes(
        uid=new_uid(), name=MANUFACTURER, manufacturer_name=MANUFACTURER,
        model_name=f"{MANUFACTURER} {own_version()}",
    )  # fmt: skip
    observer = sr.ObserverContext(
        observer_type=codes.DCM.Device, observer_identifying_attributes=device
    )
    content = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_device_context=observer),
        procedure_reported=codes.DCM.Dermoscopy,
        imaging_measurements=groups,
        title=codes.cid7021.ImagingMeasurementReport,
    )
    return sr.ComprehensiveSR(
        evidence=[source], content=content[0],
        series_instance_uid=new_uid(), series_number=3, sop_instance_uid=new_uid(),
        instance_number=1, manufacturer=MANUFACTURER, manufacturer_model_name=MANUFACTURER,
        software_versions=own_version(),
        series_description="Similar cases: research and education, not a diagnosis",
    )  # fmt: skip


def _estimated(
    name: str, probability: float, measured: _Measured
) -> sr.MeasurementsAndQualitativeEvaluations:
    measurement = sr.Measurement(
        name=codes.DCM.Probability, value=round(probability, 6), unit=codes.UCUM.NoUnits
    )
    return _group(f"estimate {name}", name, measured, measurements=[measurement])


def _matched(match: Match, measured: _Measured) -> sr.MeasurementsAndQualitativeEvaluations:
    measurement = sr.Measurement(
        name=_SIMILARITY, value=round(match.similarity, 6), unit=codes.UCUM.NoUnits
    )
    how = match.case.confirmation
    evaluation = sr.QualitativeEvaluation(
        _CONFIRMATION, _own_code(how or "unknown", CONFIRMATIONS.get(how, how))
    )
    return _group(
        f"match {match.rank}: {match.case.source} {match.case.lesion}", match.case.diagnosis,
        measured, measurements=[measurement], qualitative_evaluations=[evaluation],
    )  # fmt: skip


def _cautions(
    flags: tuple[str, ...], measured: _Measured
) -> sr.MeasurementsAndQualitativeEvaluations:
    evaluations = [sr.QualitativeEvaluation(_CAUTION, _own_code(f, FLAGS[f])) for f in flags]
    return _group("cautions", "", measured, qualitative_evaluations=evaluations)


def _group(
    name: str,
    diagnosis: str,
    measured: _Measured,
    **content: Any,  # noqa: ANN401
) -> sr.MeasurementsAndQualitativeEvaluations:
    return sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(uid=new_uid(), identifier=name),
        finding_type=_diagnosis(diagnosis) if diagnosis else None,
        algorithm_id=measured.algorithm,
        source_images=[measured.source],
        **content,
    )


def _diagnosis(word: str) -> Code:
    """Return the SNOMED CT concept of a diagnosis, or a code of our own where it has none."""
    concept = _SNOMED.get(word)
    name = _short(diagnosis_name(word))
    return Code(concept, "SCT", name) if concept else _own_code(word, name)


def _own_code(value: str, meaning: str) -> Code:
    """Return a code of our own; a value has at most 16 characters, a meaning 64."""
    return Code(value[:16], SCHEME, _short(meaning or value))


def _short(text: str) -> str:
    return text[:_MOST_LETTERS]
