{{- define "onki.name" -}}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{- end }}
{{- define "onki.secret" -}}{{ .Values.existingSecret | default (include "onki.name" .) }}{{- end }}
{{- define "onki.labels" -}}
app.kubernetes.io/name: onki
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
